"""Lots whose end slides: one end for all of them, which activity moves on (L11)."""

from datetime import datetime
from heapq import heappop

from bondfire.ledger.book import Book, make_spendable
from bondfire.ledger.model import SLIDING, Cause, Ledger, Lot, Slide
from bondfire.ledger.movements import expire


def let_slide(ledger: Ledger, lot: Lot) -> None:
    """Let a lot that was just earned end with the others of its unit, at the latest of their ends."""
    ends_at, slide = lot.expires_at, ledger.sliding.get(lot.unit)
    if not lot.left or ends_at is None:
        return
    if slide is None:
        slide = ledger.sliding[lot.unit] = Slide(ends_at, lot.number)
    elif slide.ends_at is None or slide.ends_at < ends_at:
        slide.ends_at = ends_at
    lot.expires_at = SLIDING
    if not lot.is_pending:
        make_spendable(ledger, lot)


def prolong(ledger: Ledger, unit: str, ends_at: datetime) -> bool:
    """Move the end of what slides; False when it is not later, or when nothing slides any more."""
    slide = ledger.sliding.get(unit)
    if slide is None or slide.ends_at is None or ends_at <= slide.ends_at:
        return False
    slide.ends_at = ends_at
    return True


def next_slide(ledger: Ledger) -> tuple[datetime, str] | None:
    """When what slides of a unit ends next, and which unit; None when nothing slides."""
    if not ledger.sliding:
        return None
    running = ((slide.ends_at, unit) for unit, slide in ledger.sliding.items() if slide.ends_at)
    return min(running, default=None)


def expire_sliding(book: Book, cause: Cause, unit: str) -> None:
    """Let everything of a unit that slides lapse, the oldest first; nothing revives it."""
    ledger = book.ledger
    slide = ledger.sliding[unit]
    heap = ledger.slidable.get(unit, [])
    while heap:
        lot = ledger.lots.get(heappop(heap)[1])
        if lot is not None and lot.left and lot.slides:
            lot.expires_at = slide.ends_at
            expire(book, cause, lot)
    slide.ends_at, slide.first_lot, slide.ended_at = None, ledger.next_lot, slide.ends_at
