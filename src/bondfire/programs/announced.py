"""What a new version may change about tiers: nobody falls without a day that was announced (T6)."""

from datetime import datetime

from bondfire.kit import format_amount
from bondfire.programs.errors import PublishError
from bondfire.programs.ladder import Tier, TierSet
from bondfire.programs.model import Program


def refuse_to_surprise(before: Program, after: Program, starts: datetime) -> None:
    """Refuse what would make members fall unannounced: they stand in every tier ever published.

    Args:
        before: the version published last.
        after: the one that is to follow.
        starts: from when that is valid.

    Raises:
        PublishError: it changes what a tier set counts, takes a tier away, or raises one unannounced.
    """
    for name in sorted(before.tier_sets.keys() & after.tier_sets.keys()):
        known, changed = before.tier_sets[name], after.tier_sets[name]
        if _what_counts(known) != _what_counts(changed):
            raise PublishError(
                f"The new version changes what counts in the tier set {name!r}, or over which window.",
                next_step="Keep it as it is, and name a new tier set.",
                code="tier_set_changed",
            )
        for tier in known.tiers:
            _refuse_harder(tier, changed, starts)
        _refuse_to_hurry(known, changed, starts)


def _what_counts(tier_set: TierSet) -> tuple[str, ...]:
    return tier_set.by, tier_set.unit, tier_set.on, tier_set.window


def _refuse_to_hurry(known: TierSet, changed: TierSet, starts: datetime) -> None:
    announced, now_says = known.no_falls_before, changed.no_falls_before
    if announced is not None and announced > starts and (now_says is None or now_says < announced):
        raise PublishError(
            f"It was announced that nobody falls in {known.name!r} before {announced:%Y-%m-%d %H:%M} UTC, "
            "and the new version takes that back.",
            next_step=f"Keep tier_sets.{known.name}.no_falls_before, or give a later day.",
            code="not_announced",
        )


def _refuse_harder(tier: Tier, changed: TierSet, starts: datetime) -> None:
    still = next((each for each in changed.tiers if each.name == tier.name), None)
    if still is None:
        raise PublishError(
            f"The new version takes away the tier {tier.name!r} of {changed.name!r}, which members may have.",
            next_step="Keep it; with a higher threshold and no_falls_before its members leave it in time.",
            code="tier_changed",
        )
    announced = changed.no_falls_before
    if still.threshold > tier.threshold and (announced is None or announced <= starts):
        said = "no day is announced" if announced is None else "the announced day is not after its start"
        change = f"from {format_amount(tier.threshold)} to {format_amount(still.threshold)}"
        raise PublishError(
            f"The new version raises {tier.name!r} of {changed.name!r} {change}, and {said}.",
            next_step=f"Say until when nobody falls: tier_sets.{changed.name}.no_falls_before, a later day.",
            code="not_announced",
        )
