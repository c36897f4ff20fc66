"""What a command prints: one JSON object, lines and tables; answers on stdout, the rest on stderr."""

import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from bondfire.kit import format_amount

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_WIDTH_OF_FILES = 120


def print_json(value: object) -> None:
    """Print one JSON object and a line break on stdout: amounts as decimal strings, times in UTC."""
    import msgspec

    plain = _exact(msgspec.to_builtins(value, builtin_types=(Decimal,), str_keys=True))
    print(msgspec.json.format(msgspec.json.encode(plain).decode(), indent=2), flush=True)


def _exact(value: object) -> object:
    """The same with every amount in its one plain form."""
    if isinstance(value, Decimal):
        return format_amount(value)
    if isinstance(value, dict):
        return {name: _exact(one) for name, one in value.items()}
    return [_exact(one) for one in value] if isinstance(value, list | tuple) else value


def say(line: str) -> None:
    """Tell whoever watches; on stderr, so that the answer on stdout stays clean."""
    print(line, file=sys.stderr, flush=True)


def out() -> "Console":
    """The console of the answers; its width is the terminal's, or 120 for a file or pipe."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else _WIDTH_OF_FILES, highlight=False)


def show(*renderables: "RenderableType") -> None:
    """Print tables and texts on stdout."""
    console = out()
    for renderable in renderables:
        console.print(renderable)


def table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, left: int = 1
) -> "RenderableType":
    """A table: the first `left` columns are words, the others are numbers."""
    from rich import box
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(columns):
        made.add_column(column, justify="left" if number < left else "right", overflow="fold")
    for row in rows:
        made.add_row(*(_plain(cell) for cell in row))
    return Group(Text(title, style="bold"), made)


def _plain(cell: object) -> str:
    from rich.markup import escape

    if isinstance(cell, Decimal):
        return grouped(cell)
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int):
        return f"{cell:,}"
    if isinstance(cell, datetime):
        return show_time(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else escape(str(cell))


def grouped(amount: Decimal) -> str:
    """An amount for people: `1,234,567.5`."""
    whole, point, rest = format_amount(amount).partition(".")
    return f"{int(whole):,}{point}{rest}" if whole != "-0" else f"-0{point}{rest}"


def show_time(moment: datetime) -> str:
    """A time for people, in UTC, to the minute."""
    return f"{moment:%Y-%m-%d %H:%M}"


def count(number: int, noun: str) -> str:
    """`1 event`, `22,190 events`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
