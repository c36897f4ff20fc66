"""How a command ends when it does not just finish: refused, not understood, stopped, or broken."""

import os
import sys
import traceback
from typing import Final

from cyclopts import CycloptsError

from bondfire.cli.output import print_json, say
from bondfire.errors import BadInput, BondfireError, NotReady

DONE: Final = 0
REFUSED: Final = 1
USAGE: Final = 2
STOPPED: Final = 130


class Stopped(KeyboardInterrupt):
    """Ctrl-C, with what was kept.

    Attributes:
        kept: one or two sentences for whoever pressed it.
    """

    def __init__(self, kept: str) -> None:
        super().__init__(kept)
        self.kept = kept


class Usage(BadInput):
    """The command line was not understood."""

    code = "usage"


def ended_by(error: BaseException, *, as_json: bool) -> int:
    """Show what ended a command, to people or as a JSON problem, and return its exit code."""
    if isinstance(error, KeyboardInterrupt):
        return _stopped(error, as_json=as_json)
    if isinstance(error, BrokenPipeError):  # the reader went away, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return REFUSED
    if isinstance(error, CycloptsError):
        usage = Usage(_one_line(error), next_step=f"See: {_help_for(error)}")
        _show(usage, as_json=as_json)
        return USAGE
    if isinstance(error, BondfireError):
        _show(error, as_json=as_json)
        return USAGE if isinstance(error, Usage) else REFUSED
    return _broken(error, as_json=as_json)


def _show(error: BondfireError, *, as_json: bool) -> None:
    if as_json:
        print_json(error.as_problem())
        return
    say(f"bondfire: {error.message}")
    for detail in error.details()[:20]:
        place = detail.get("field") or detail.get("line") or ""
        say(f"  {place}: {detail['message']}" if place else f"  {detail['message']}")
    if error.next_step:
        say(f"  {error.next_step}")


def _stopped(error: KeyboardInterrupt, *, as_json: bool) -> int:
    kept = error.kept if isinstance(error, Stopped) else "Nothing was left half done."
    if as_json:
        print_json(
            {
                "code": "stopped",
                "title": "Stopped",
                "detail": kept,
                "status": 499,
                "next_step": "",
                "errors": [],
            }
        )
    else:
        say(f"\nStopped. {kept}")
    return STOPPED


def _broken(error: BaseException, *, as_json: bool) -> int:
    if isinstance(error, OSError) and error.filename is not None:
        reason = f"{error.filename}: {error.strerror}."
        _show(
            BondfireError(reason, next_step="Check the path and its permissions.", code="file"),
            as_json=as_json,
        )
        return REFUSED
    if _is_lost_database(error):
        lost = NotReady(
            f"The database went away: {' '.join(str(error).split())}",
            next_step="Nothing was left half done: once it answers, the same command may be given again.",
            code="database_unreachable",
        )
        _show(lost, as_json=as_json)
        return REFUSED
    traceback.print_exception(error, file=sys.stderr)
    broken = BondfireError(
        f"This should not have happened: {type(error).__name__}: {error}",
        next_step="Nothing was left half done. Please report it with the lines above.",
        code="internal",
    )
    _show(broken, as_json=as_json)
    return REFUSED


def _is_lost_database(error: BaseException) -> bool:
    """Whether it may pass; a command that never came to the database does not load its driver for this."""
    if "psycopg" not in sys.modules:
        return False
    from bondfire.db import is_retryable

    return is_retryable(error)


def _one_line(error: CycloptsError) -> str:
    return " ".join(str(error).split())


def _help_for(error: CycloptsError) -> str:
    return " ".join(["bondfire", *(error.command_chain or ()), "--help"])
