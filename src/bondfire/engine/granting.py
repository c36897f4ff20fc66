"""Tiers that somebody gives until a day, and takes away again (T7)."""

from datetime import datetime
from typing import cast

from bondfire.engine.errors import GrantOver, NothingGranted, UnknownMember, UnknownTier
from bondfire.engine.pseudonyms import shown_member
from bondfire.engine.standing import end_grant, grant
from bondfire.engine.tiers import TierGrant
from bondfire.engine.turn import Turn, decided_by, event_text
from bondfire.events import Event
from bondfire.kit import nearest
from bondfire.programs import TierSet


def tier_granted(turn: Turn, event: Event) -> None:
    """Give a tier until a day; what the member earns meanwhile goes on beside it.

    Raises:
        UnknownTier: the programme has no such tier set or tier.
        GrantOver: it would have ended before the present.
    """
    tier_set, tier = _tier_of(turn, event)
    until = cast("datetime", event.body["until"])
    if until <= turn.now:
        raise GrantOver(
            f"The tier {tier!r} was to end at {until:%Y-%m-%d %H:%M} UTC, which is past.",
            next_step="Grant it until a later time.",
        )
    grant(turn, tier_set, TierGrant(tier, until, decided_by(event)))


def tier_withdrawn(turn: Turn, event: Event) -> None:
    """Take a granted tier away before its end.

    Raises:
        UnknownMember: nobody is known under the reference.
        UnknownTier: the programme has no such tier set or tier.
        NothingGranted: it was not granted, or is over.
    """
    if turn.state.joined_at is None:
        raise UnknownMember(
            f"Nobody is known under the reference {shown_member(turn.state.id)!r}.",
            next_step="Check the reference; only members have tiers.",
        )
    tier_set, tier = _tier_of(turn, event)
    granted = next((one for one in turn.state.standings[tier_set.name].grants if one.tier == tier), None)
    if granted is None:
        raise NothingGranted(
            f"The tier {tier!r} of {tier_set.name!r} is not granted now.",
            next_step="Check tier_set and tier; what is earned is not withdrawn.",
        )
    values = {"tier_set": tier_set.name, "tier": tier}
    turn.because("grant_withdrawn", values=values, note=decided_by(event))
    end_grant(turn, tier_set, granted, "withdrawn")


def _tier_of(turn: Turn, event: Event) -> tuple[TierSet, str]:
    set_name, tier = event_text(event, "tier_set"), event_text(event, "tier")
    tier_set = turn.program.tier_sets.get(set_name)
    if tier_set is None:
        raise _unknown("tier set", set_name, list(turn.program.tier_sets))
    if tier_set.rank(tier) < 0:
        raise _unknown(f"tier of {set_name}", tier, [one.name for one in tier_set.tiers])
    return tier_set, tier


def _unknown(what: str, name: str, known: list[str]) -> UnknownTier:
    close = nearest(name, known)
    return UnknownTier(
        f"The programme has no {what} {name!r}.",
        next_step=f"Did you mean {close!r}?" if close else f"It has: {', '.join(known) or 'none'}.",
    )
