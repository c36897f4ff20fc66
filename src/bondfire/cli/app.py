"""Puts the commands together: which there are, how one is found, and how each of them ends."""

import os
import signal
import sys
from types import FrameType
from typing import Final, NamedTuple

from cyclopts import App, CycloptsError, Group

import bondfire
from bondfire.cli.endings import STOPPED, ended_by
from bondfire.kit import collect_rarely


class Command(NamedTuple):
    """One command: where it is and what the list of commands says of it."""

    name: str
    group: str
    place: str
    summary: str


TRY: Final = "Try it"
RUN: Final = "Run it"
PROVE: Final = "Prove it"
KNOW: Final = "Know your members"

COMMANDS: Final = (
    Command(
        "demo", TRY, "demo:demo", "Run a year of a real shop through a real programme, then serve the API."
    ),
    Command("check", TRY, "check:check", "Check a programme and say everything that is wrong with it."),
    Command("simulate", TRY, "simulate:simulate", "Run a programme over a file of events, in memory."),
    Command("migrate", RUN, "migrate:migrate", "Bring the database to the schema of this bondfire."),
    Command("plan", RUN, "plan:plan", "Say who would fall and rise if a document were published."),
    Command("publish", RUN, "publish:publish", "Publish a new version of a brand's programme."),
    Command(
        "import", RUN, "imports:import_events", "Import a file of events; a second time changes nothing."
    ),
    Command("games", PROVE, "games:games", "Show games of chance, and prove their draws."),
    Command(
        "leaderboard",
        RUN,
        "leaderboard:leaderboard",
        "Show a leaderboard under the pseudonyms that members see.",
    ),
    Command("rewards", RUN, "rewards:rewards", "Look after rewards: codes, tickets, seats, what is left."),
    Command("review", RUN, "review:review", "Decide what is held for a person, and see what is unusual."),
    Command("creators", RUN, "creators:creators", "Give creators codes, decide content, report money."),
    Command("coupons", RUN, "coupons:coupons", "Make, import, revoke and count codes of coupons."),
    Command("members", RUN, "members:members", "Merge two accounts of one person, or erase a person."),
    Command("groups", RUN, "groups:groups", "Households and companies whose members spend together."),
    Command("keys", RUN, "keys:keys", "Add, list and revoke API keys."),
    Command("hooks", RUN, "hooks:hooks", "Add, list and revoke endpoints for the webhooks of shops."),
    Command(
        "webhooks", RUN, "webhooks:webhooks", "Make endpoints that hear what is decided, and send again."
    ),
    Command("serve", RUN, "serve:serve", "Serve the API until Ctrl-C."),
    Command("worker", RUN, "worker:worker", "Let time pass, and deliver webhooks."),
    Command(
        "explain",
        PROVE,
        "explain:explain",
        "Say why: the reasons of an event, or of every entry of a member.",
    ),
    Command(
        "replay", PROVE, "replay:replay", "Derive everything again from the journal and print its digest."
    ),
    Command("verify", PROVE, "verify:verify", "Compare what is stored with what the journal says."),
    Command(
        "finance",
        PROVE,
        "finance:finance",
        "Say what is owed and what became revenue, tie the books out, and export them.",
    ),
    Command(
        "bond", KNOW, "bond:bond", "Score how strong the tie to each member is, and prove it on the past."
    ),
    Command("clv", KNOW, "clv:clv", "Fit models of repeat buying and of value."),
    Command(
        "gate",
        PROVE,
        "gate:gate",
        "Learn from a randomised test whom an action pays for, and act on nobody else.",
    ),
    Command("churn", PROVE, "churn:churn", "Learn who will leave a contract, and judge it on rows not seen."),
    Command(
        "leaks",
        PROVE,
        "leaks:leaks",
        "Find columns and rows that know the answer before a model is trained on them.",
    ),
    Command(
        "bench", PROVE, "bench:bench", "Measure this machine beside the yardsticks of others, in one run."
    ),
)

_DESCRIPTION: Final = """\
The customer-loyalty platform a brand runs itself: exact points, tiers and a reason for every one of them.

Start with: bondfire demo"""


def make_app(asked: str | None = None) -> App:
    """The command line as an application.

    Only the module of the command that is asked for is imported; the others are known by their summary.

    Args:
        asked: the command, or None for all of them with their full help.
    """
    app = App(
        name="bondfire",
        help=_DESCRIPTION,
        help_format="plaintext",
        version=bondfire.__version__,
        suppress_keyboard_interrupt=False,
        result_action="return_value",
    )
    groups = {name: Group(name, sort_key=number) for number, name in enumerate((TRY, RUN, PROVE, KNOW))}
    for number, command in enumerate(COMMANDS):
        app.command(
            f"bondfire.cli.{command.place}",
            name=command.name,
            group=groups[command.group],
            sort_key=number,
            help=command.summary if asked is not None and asked != command.name else None,
        )
    return app


def main() -> None:
    """The entry point `bondfire`: runs a command and leaves with its exit code."""
    signal.signal(signal.SIGTERM, _interrupt)
    collect_rarely()
    code = run(sys.argv[1:])
    if code == STOPPED:
        _leave_at_once(code)
    sys.exit(code)


def _leave_at_once(code: int) -> None:
    """Leave after Ctrl-C with our own code; everything is closed by now.

    CPython remembers an interrupt that came while a text was executed, as dataclasses do on import, also
    when it was caught, and would end itself by SIGINT in place of the exit code.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def run(argv: list[str]) -> int:
    """Run one command line and return its exit code.

    Args:
        argv: what was typed after `bondfire`.
    """
    asked = next((word for word in argv if not word.startswith("-")), "")
    try:
        code = make_app(asked)(argv, exit_on_error=False, print_error=False)
        sys.stdout.flush()
    except (CycloptsError, Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the composition root
        return ended_by(error, as_json="--json" in argv)
    return code if isinstance(code, int) else 0


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """An orderly `kill` ends like Ctrl-C: the open transaction is rolled back, the server is stopped."""
    raise KeyboardInterrupt
