"""A member's story for people: every entry with its reason, and every change of tier, in order."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from bondfire.db import Connection
from bondfire.engine import TierChange
from bondfire.journal import EntryPlace, ExplainedEntry, MemberView, explain_event, explain_member
from bondfire.kit import show_id
from bondfire.programs import Brand, Timeline

MOST_LINES: Final = 40
_AT_ONCE: Final = 500


def told_entries(
    conn: Connection, brand: Brand, timeline: Timeline, member_id: UUID
) -> Iterator[ExplainedEntry]:
    """Every entry of a member from the first on, with its sentence."""
    after: EntryPlace | None = None
    while page := explain_member(conn, brand, timeline, member_id, after=after, limit=_AT_ONCE):
        yield from page
        after = page[-1].view.place


def story_of(conn: Connection, brand: Brand, timeline: Timeline, member_id: UUID) -> list[str]:
    """One line an entry, and one a change of tier, behind the entries of the same event."""
    lines: list[str] = []
    event: tuple[str, str] | None = None
    for told in told_entries(conn, brand, timeline, member_id):
        entry = told.view.entry
        if event is not None and event != (told.view.source, entry.event):
            lines += _tier_lines(conn, brand, timeline, member_id, event=event)
        event = (told.view.source, entry.event) if entry.event else None
        lines.append(f"{entry.number:>5}  {told.sentence}")
    return lines + (_tier_lines(conn, brand, timeline, member_id, event=event) if event is not None else [])


def _tier_lines(
    conn: Connection, brand: Brand, timeline: Timeline, member_id: UUID, *, event: tuple[str, str]
) -> list[str]:
    source, event_id = event
    told = explain_event(conn, brand, timeline, member_id=member_id, source=source, event_id=event_id)
    return [f"       {_tier_sentence(change, timeline)}" for change in told.decision.tier_changes]


_WHY: Final = {
    "earned": "reached",
    "window_closed": "fell to",
    "returned": "went back to",
    "granted": "was given",
    "grant_ended": "is back at the end of a given tier at",
    "merged": "is, with another account,",
    "withdrawn": "is back without a given tier at",
}


def _tier_sentence(change: TierChange, timeline: Timeline) -> str:
    what = f"{_WHY.get(change.why, 'moved to')} {change.after or 'no tier'}"
    day = day_in(timeline.at(change.at).program.zone, change.at)
    return f"{day}: {what} of {change.tier_set} (before: {change.before or 'no tier'})."


def day_in(zone: ZoneInfo, moment: datetime) -> str:
    """A calendar day of the programme for people: `1 Aug 2011`."""
    day = moment.astimezone(zone)
    return f"{day.day} {day:%b %Y}"


def standing_lines(view: MemberView, zone: ZoneInfo) -> list[str]:
    """What a member holds now and what comes, in a few lines; days are those of the programme."""
    lines = [f"{show_id('mem', view.member_id)}, a member since {day_in(zone, view.joined_at)}."]
    for name, one in view.tiers.items():
        missing = f"; {one.missing:,f} to {one.next_tier}" if one.next_tier else ""
        lines.append(f"Tier of {name}: {one.tier or 'none'}{missing}.")
    for name, goal in view.challenges.items():
        until = f", until {day_in(zone, goal.lapses_at)}" if goal.lapses_at else ""
        times = f"; done {goal.times} times" if goal.times > 1 else ""
        lines.append(f"Challenge {name}: {goal.reached:,f} of {goal.target:,f}{until}{times}.")
    for badge, since in view.badges.items():
        lines.append(f"Badge {badge}: since {day_in(zone, since)}.")
    for unit, wallet in view.wallets.items():
        coming = [f"{one.amount:,f} on {day_in(zone, one.at)}" for one in wallet.expiries[:3]]
        expiring = f"; expiring: {', '.join(coming)}" if coming else ""
        lines.append(f"{unit}: {wallet.active:,f} active, {wallet.pending:,f} pending{expiring}.")
    return lines


def abbreviated(lines: Sequence[str], command: str, *, most: int = MOST_LINES) -> list[str]:
    """The first and last lines of a long story, with the command that shows all of it."""
    if len(lines) <= most:
        return list(lines)
    half = (most - 1) // 2
    left_out = len(lines) - 2 * half
    return [*lines[:half], f"       ... {left_out:,} more lines: {command}", *lines[-half:]]
