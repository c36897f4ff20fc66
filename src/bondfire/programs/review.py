"""The section `review`: how much may happen to one member before a person looks at it."""

from collections.abc import Iterator, Mapping
from typing import Final, get_args

from bondfire.programs.findings import Fields
from bondfire.programs.leaves import amount, choice, name, whole
from bondfire.programs.rule import EarnRule
from bondfire.programs.scope import Scope, known_unit, of_unit
from bondfire.programs.shapes import SLUG, Key, ListOf, Record
from bondfire.programs.velocity import AwardLimit, CountLimit, Review, VelocityWindow

_PER: Final = choice("The window, in the programme's time zone.", *get_args(VelocityWindow))


def _count(about: str) -> Record:
    keys = {
        "most": Key(whole("So often at most.", 1, 1_000_000), required=True),
        "per": Key(_PER, required=True),
    }
    return Record(about, keys)


REVIEW: Final = Record(
    "How much may happen to one member before a person looks at it.",
    {
        "awards": Key(
            ListOf(
                "What a member may earn; what an award takes beyond it is earned, and held: one, or a list.",
                Record(
                    "A limit: how much of a unit, per which window.",
                    {
                        "per": Key(_PER, required=True),
                        "rule": Key(
                            name("Only what this rule gives; all rules together without it.", "rule", SLUG)
                        ),
                    },
                    rest=amount("How much of this unit."),
                ),
                alone=True,
            )
        ),
        "redemptions": Key(_count("How often a member may pay or hold; what is more is refused.")),
        "adjustments": Key(_count("How often one member is corrected; what is more needs an approver.")),
    },
)


def read_review(fields: Fields | None, scope: Scope, rules: tuple[EarnRule, ...]) -> Review:
    """What a person looks at first."""
    if fields is None:
        return Review()
    known = {rule.id for rule in rules}
    awards = [limit for each in fields.get("awards", ()) for limit in _award_limits(each, scope, known)]
    return Review(
        tuple(awards),
        redemptions=_count_limit(fields.values, "redemptions"),
        adjustments=_count_limit(fields.values, "adjustments"),
    )


def _award_limits(fields: Fields, scope: Scope, rules: set[str]) -> Iterator[AwardLimit]:
    rule = fields.get("rule", "")
    if rule and rule not in rules:
        fields.places["rule"].unknown("rule", rule, rules)
    units = [key for key in fields.places if key not in {"per", "rule"}]
    if not units:
        fields.place.refuse(
            "missing_key", f"{fields.place.where} limits no unit.", "Write {points: 1000, per: day}."
        )
    for unit in units:
        place, known = fields.places[unit], scope.units.get(unit)
        known_unit(place.head, unit, scope.units)
        if known is not None and (known.qualifying or (known.expiry and known.expiry.prolonged_by)):
            place.head.refuse(
                "not_held",
                f"{place.where}: {unit!r} {'only counts for tiers' if known.qualifying else 'is prolonged'}; "
                "it cannot be held.",
                "Limit a unit that is spent, and whose end activity does not move.",
            )
        elif unit in fields.values and "per" in fields.values:
            of_unit(place, fields.values[unit], known)
            yield AwardLimit(unit, fields.values[unit], fields.values["per"], rule)


def _count_limit(values: Mapping[str, Fields], what: str) -> CountLimit | None:
    fields = values.get(what)
    if fields is None or not {"most", "per"} <= fields.values.keys():
        return None
    return CountLimit(what, fields.values["most"], fields.values["per"])
