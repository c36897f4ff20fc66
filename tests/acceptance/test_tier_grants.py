"""T7: a granted tier holds until its end, survives recalculation, and then the earned one is back."""

import pytest

from acceptance.makers import (
    MEMBER,
    Raw,
    Told,
    happened,
    local,
    moment,
    moves,
    order,
    program,
    reason,
    returned,
    story,
    told,
)
from bondfire.engine import outlook
from bondfire.journal.phrases import About, words_of

CLUB = """\
units: {points: {}, status: {qualifying: true}}
tier_sets:
  flame:
    unit: status
    window: @
    tiers:
      spark: {from: 0}
      flame: {from: 500, benefits: [early_access]}
      fire: {from: 2000, benefits: [vip_events]}
earn:
  base: {on: order.placed, award: {status: floor(event.total)}}
  fire: {on: order.placed, when: "member.tiers.flame == 'fire'", award: {points: 7}}
"""
RULES = program(CLUB.replace("@", "calendar_year"))


def granted(event: str, at: str, tier: str, until: str, **fields: object) -> Raw:
    why: Raw = {"tier_set": "flame", "reason": "status match", "actor": "ada"}
    return happened("tier.granted", event, at, tier=tier, until=moment(until).isoformat(), **(why | fields))


def withdrawn(event: str, at: str, tier: str) -> Raw:
    return happened("tier.withdrawn", event, at, tier_set="flame", tier=tier, reason="a mistake", actor="ben")


def tier(tale: Told) -> str | None:
    return tale.state.standings["flame"].tier


def changes(tale: Told) -> list[tuple[str, str | None]]:
    return [(local(at), name) for at, name in tale.state.standings["flame"].history[1:]]


def test_t7_a_granted_tier_holds_until_its_end_and_then_falls_to_the_earned_one() -> None:
    tale = told(
        RULES, order("1", "2026-01-10", "500.00"), granted("g", "2026-02-01", "fire", "2026-08-01 00:00")
    )

    (change,) = tale.last.tier_changes
    assert (change.before, change.after, change.why) == ("flame", "fire", "granted")
    assert change.benefits == ("vip_events",)
    assert tier(tale.until("2026-07-31 23:59:59")) == "fire"
    assert changes(tale.until("2026-08-01 00:00"))[-1] == ("2026-08-01 00:00:00+02:00", "flame")


@pytest.mark.parametrize("window", ["calendar_year", "membership_year", "tier_year", "rolling"])
def test_t7_it_survives_closing_windows_and_returns(window: str) -> None:
    rules = program(CLUB.replace("@", window))
    tale = told(
        rules,
        order("1", "2026-01-10", "600.00"),
        granted("g", "2026-02-01", "fire", "2029-01-01 00:00"),
        order("2", "2026-02-02", "100.00"),
        returned("r", "2026-02-03", "200.00", order="1"),
    )

    assert (tier(tale), tale.last.tier_changes) == ("fire", [])
    assert outlook(rules, tale.state, "flame", now=moment("2026-02-03")).earned == "flame"
    assert tier(tale.until("2028-12-31 23:59:59")) == "fire"
    assert changes(tale.until("2029-01-01 00:00"))[2:] == [("2029-01-01 00:00:00+01:00", "spark")]


def test_t7_what_is_earned_beside_it_is_there_when_it_ends() -> None:
    tale = told(
        RULES,
        granted("g", "2026-02-01", "flame", "2026-06-01 00:00"),
        order("1", "2026-03-01", "700.00"),
        order("2", "2026-04-01", "1300.00"),
    )

    assert [moves(decision.tier_changes) for decision in tale.decisions] == [
        [("spark", "flame")],
        [],
        [("flame", "fire")],
    ]
    assert changes(tale.until("2026-12-31"))[-1] == ("2026-04-01 12:00:00+02:00", "fire")
    assert tale.state.standings["flame"].grants == ()


def test_t7_rules_see_it_and_so_does_everybody() -> None:
    events = [granted("g", "2026-02-01", "fire", "2026-08-01"), order("1", "2026-02-02", "10.00")]

    assert told(RULES, *events).state.ledger.wallets["points"].active == 7
    simulated = story(RULES, events, until="2026-03-01").as_dict()
    assert simulated["members"][MEMBER]["tiers"] == {"flame": "fire"}  # type: ignore[index]


def test_t7_of_several_the_highest_is_seen_until_each_ends() -> None:
    tale = told(
        RULES,
        granted("g1", "2026-02-01", "flame", "2026-10-01 00:00"),
        granted("g2", "2026-02-02", "fire", "2026-06-01 00:00"),
        granted("g3", "2026-02-03", "fire", "2026-05-01 00:00"),
    )

    assert changes(tale.until("2026-12-31")) == [
        ("2026-02-01 12:00:00+01:00", "flame"),
        ("2026-02-02 12:00:00+01:00", "fire"),
        ("2026-05-01 00:00:00+02:00", "flame"),
        ("2026-10-01 00:00:00+02:00", "spark"),
    ]


def test_t7_a_grant_can_be_withdrawn_with_its_reason() -> None:
    tale = told(RULES, granted("g", "2026-02-01", "fire", "2026-08-01"), withdrawn("w", "2026-03-01", "fire"))

    (change,) = tale.last.tier_changes
    assert (change.before, change.after, change.why) == ("fire", "spark", "withdrawn")
    withdrawn_now = reason(tale.last, "grant_withdrawn")
    assert (withdrawn_now.note, withdrawn_now.values) == (
        "a mistake (ben)",
        {"tier_set": "flame", "tier": "fire"},
    )
    assert changes(tale.until("2027-01-01"))[1:] == [("2026-03-01 12:00:00+01:00", "spark")]


def test_t7_who_granted_it_and_why_is_explained() -> None:
    tale = told(RULES, granted("g", "2026-02-01", "fire", "2026-08-01 00:00"))
    given = reason(tale.last, "tier_granted")

    assert words_of("en").sentence(given, About(None, 1, RULES.zone)) == (
        "The tier fire of flame was given until 2026-08-01 00:00: status match (ada)."
    )


@pytest.mark.parametrize(
    ("event", "code", "step"),
    [
        (
            granted("x", "2026-02-02", "fire", "2026-08-01", tier_set="flam"),
            "unknown_tier",
            "Did you mean 'flame'?",
        ),
        (granted("x", "2026-02-02", "fir", "2026-08-01"), "unknown_tier", "Did you mean 'fire'?"),
        (
            {**granted("x", "2026-02-02", "fire", "2026-02-03"), "recorded_at": "2026-02-04"},
            "grant_over",
            "later time",
        ),
        (withdrawn("x", "2026-02-02", "fire"), "nothing_granted", "what is earned is not withdrawn"),
    ],
)
def test_t7_what_cannot_be_granted_or_withdrawn_is_refused_and_nothing_moves(
    event: Raw, code: str, step: str
) -> None:
    tale = told(RULES, order("1", "2026-02-01", "2000.00"), event)

    assert (tale.last.code, tier(tale), tale.last.tier_changes) == (code, "fire", [])
    assert step in tale.last.next_step


def test_t7_a_grant_makes_a_member_of_a_newcomer_as_any_event_does() -> None:
    assert tier(told(RULES, granted("g", "2026-02-01", "fire", "2026-08-01"))) == "fire"
    nobody = told(RULES, withdrawn("w", "2026-02-01", "fire"))
    assert nobody.last.code == "unknown_member"
