"""How the fields of one event must fit together, and what of them follows from the others."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, cast

from bondfire.events.errors import EventError
from bondfire.events.fields import MOST_LINES
from bondfire.kit import MAX_AMOUNT, format_amount

_LONGEST_HOLD: Final = timedelta(days=366)


def complete_placed(body: dict[str, object]) -> None:
    """Of an order: its number, and that its lines and what was paid with points fit the total."""
    if "order" not in body:
        body["order"] = body["id"]
    if "lines" in body or "categories" not in body:
        _check_lines(body)
    if "paid_with_points" in body:
        _check_paid(body)


def _check_paid(body: dict[str, object]) -> None:
    paid, total = cast("Decimal", body["paid_with_points"]), cast("Decimal", body["total"])
    if paid > total:
        raise EventError(
            f"is {format_amount(paid)}, more than the total of {format_amount(total)}.",
            code="out_of_range",
            field="paid_with_points",
            next_step="It is a part of the total.",
        )


def complete_returned(body: dict[str, object]) -> None:
    """Of a return: its total, from its lines."""
    lines = cast("list[dict[str, object]]", body.get("lines") or [])
    if "total" not in body and lines:
        total = _sum_of(lines)
        if not 0 <= total <= MAX_AMOUNT:
            raise EventError(
                f"of the lines is {format_amount(total)}, which is below zero or beyond 10^15.",
                code="bad_amount",
                field="total",
                next_step="Send what is paid back as amounts above zero.",
            )
        body["total"] = Decimal(format_amount(total))
    if "total" not in body and "order" not in body:
        raise EventError(
            "is missing, and so are total and lines.",
            code="missing_field",
            field="order",
            next_step="Say which order comes back, or how much.",
        )
    _check_lines(body)


def _check_lines(body: dict[str, object]) -> None:
    lines = cast("list[dict[str, object]]", body.get("lines") or [])
    if lines:
        lines_sum = _sum_of(lines)
        if lines_sum != body["total"]:
            raise EventError(
                f"add up to {format_amount(lines_sum)}, but total is "
                f"{format_amount(cast('Decimal', body['total']))}.",
                code="lines_do_not_add_up",
                field="lines",
                next_step="Send every line (shipping and discounts too), or leave lines out.",
            )
    if "categories" not in body:
        categories = cast("list[dict[str, list[str]]]", lines)
        union = list(dict.fromkeys(word for line in categories for word in line["categories"]))
        if len(union) > MOST_LINES:
            raise EventError(
                f"of all lines are {len(union)}, more than {MOST_LINES}.",
                code="too_many",
                field="categories",
                next_step="Send broader categories.",
            )
        body["categories"] = union


def complete_held(body: dict[str, object]) -> None:
    """Of a hold: that it ends, and not too late."""
    at, until = cast("datetime", body["occurred_at"]), cast("datetime", body["until"])
    if not at < until <= at + _LONGEST_HOLD:
        raise EventError(
            f"is {until:%Y-%m-%dT%H:%M:%SZ}, and the hold begins {at:%Y-%m-%dT%H:%M:%SZ}.",
            code="out_of_range",
            field="until",
            next_step="Send a time after occurred_at, within a year.",
        )


def complete_adjusted(body: dict[str, object]) -> None:
    """Of a correction: that nobody approves their own."""
    approver, actor = body.get("approver"), body["actor"]
    if isinstance(approver, str) and approver.strip().casefold() == str(actor).strip().casefold():
        raise EventError(
            "is the actor; four eyes need two people.",
            code="same_person",
            field="approver",
            next_step="Name the second person who approved it.",
        )


def _sum_of(lines: list[dict[str, object]]) -> Decimal:
    amounts = cast("list[dict[str, Decimal]]", lines)
    return sum([line["amount"] for line in amounts], Decimal(0))


def complete_granted(body: dict[str, object]) -> None:
    """Of a granted tier: that it ends after it begins."""
    if cast("datetime", body["until"]) <= cast("datetime", body["occurred_at"]):
        raise EventError(
            "is not after occurred_at.",
            code="out_of_range",
            field="until",
            next_step="Send the time at which the tier ends.",
        )
