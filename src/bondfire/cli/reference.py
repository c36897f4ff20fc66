"""Writes the references that are made from code: the command line as it explains itself, and OpenAPI.

`python -m bondfire.cli.reference docs/reference`; a test says that the published files are fresh.
"""

import json
import sys
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bondfire.cli.app import COMMANDS, make_app

if TYPE_CHECKING:
    from cyclopts import App

_WIDTH: Final = 100
_WITH_VERBS: Final = (
    "members",
    "groups",
    "rewards",
    "review",
    "creators",
    "coupons",
    "leaderboard",
    "games",
    "keys",
    "hooks",
    "webhooks",
    "finance",
    "bond",
    "clv",
    "gate",
    "churn",
)
_HEADER: Final = """\
# The command line

Made by `make generate` from what each command says of itself; do not edit.

Every command takes `--json`: then stdout holds one JSON object and nothing else, and progress goes to
stderr. Exit codes: 0 done; 1 refused, with the reason and the next step; 2 the command line was not
understood; 130 stopped by Ctrl-C, with nothing half done.
"""


def write_reference(folder: Path) -> list[Path]:
    """Write `cli.md` and `openapi.json` into a folder; the paths written."""
    from bondfire.api import openapi_document

    written = {
        folder / "cli.md": command_line_page(),
        folder / "openapi.json": json.dumps(openapi_document(), indent=2, ensure_ascii=False) + "\n",
    }
    for path, text in written.items():
        path.write_text(text, encoding="utf-8")
    return list(written)


def command_line_page() -> str:
    """The page of the command line: the help of every command."""
    app = make_app()
    verbs = [[name, verb] for name in _WITH_VERBS for verb in _verbs(app[name])]
    names = [*([command.name] for command in COMMANDS), *verbs]
    sections = [_section([], make_app(""))] + [_section(name, app) for name in names]
    return "\n".join([_HEADER, *sections])


def _section(name: list[str], app: "App") -> str:
    return f"## {' '.join(['bondfire', *name])}\n\n```text\n{_help(app, name)}\n```\n"


def _verbs(app: "App") -> list[str]:
    return sorted(name for name in app if not name.startswith("-"))


def _help(app: "App", name: list[str]) -> str:
    from rich.console import Console

    page = StringIO()
    app.help_print(name, console=Console(file=page, width=_WIDTH, color_system=None))
    return "\n".join(line.rstrip() for line in page.getvalue().strip().splitlines())


if __name__ == "__main__":
    for path in write_reference(Path(sys.argv[1])):
        print(path)
