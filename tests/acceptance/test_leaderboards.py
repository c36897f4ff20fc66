"""Leaderboards as decisions see them: what counts, in which period and segment, who is shown, what is won."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from acceptance.makers import (
    Raw,
    Told,
    balances,
    cancelled,
    happened,
    joined,
    late,
    moment,
    order,
    program,
    returned,
    told,
)
from bondfire.engine import Score, advance
from bondfire.events import own_event
from bondfire.journal.phrases import About, words_of
from bondfire.kit import format_amount
from bondfire.programs import Program, ProgramError

UNITS = "units: {points: {}, status: {qualifying: true}}\n"
END = moment("2026-04-01T00:00")
EARN = "earn: {base: {on: order.placed, award: {points: floor(event.total)}}}\n"


def boards(*lines: str, more: str = "") -> Program:
    body = "".join(f"  {line}\n" for line in lines)
    return program(f"{UNITS}{EARN}{more}leaderboards:\n{body}")


def totals(of: Told) -> dict[tuple[str, str], str]:
    """What was scored in all, by leaderboard and the day on which the period began."""
    found: dict[tuple[str, str], Decimal] = {}
    for decision in of.decisions:
        for one in decision.scores:
            key = one.board, f"{one.moment.astimezone(decision.decided_by.program.zone):%Y-%m-%d}"
            found[key] = found.get(key, Decimal(0)) + one.amount
    return {key: format_amount(amount) for key, amount in found.items()}


def test_c2_earned_units_spend_visits_and_values_count_each_in_its_period() -> None:
    rules = boards(
        "earners: {unit: points, per: month}",
        "spenders: {by: spend, per: quarter}",
        "regulars: {by: visits, per: week}",
        "readers: {by: value, on: survey.answered, value: event.score, per: year}",
    )

    after = told(
        rules,
        order("1", "2026-02-10T10:00", "50.50"),
        order("2", "2026-02-10T18:00", "20"),
        order("3", "2026-02-11T18:00", "10"),
        happened("survey.answered", "s", "2026-02-12T09:00", survey="nps", score=9),
    )

    assert totals(after) == {
        ("earners", "2026-02-01"): "80",
        ("spenders", "2026-01-01"): "80.5",
        ("regulars", "2026-02-09"): "2",
        ("readers", "2026-01-01"): "9",
    }


def test_c2_a_return_takes_back_what_its_purchase_counted() -> None:
    rules = boards(
        "earners: {unit: points, per: month}",
        "spenders: {by: spend, per: month}",
        "regulars: {by: visits, per: month}",
    )

    part = told(rules, order("1", "2026-02-10", "50"), returned("r", "2026-02-12", "20", order="1"))
    assert sorted(totals(part).values()) == ["1", "30", "30"]

    whole = told(rules, order("1", "2026-02-10", "50"), cancelled("r", "2026-02-12", "1"))
    assert set(totals(whole).values()) == {"0"}


def test_c2_a_period_ends_at_its_boundary_in_t() -> None:
    rules = boards("spenders: {by: spend, per: month}")

    after = told(
        rules,
        order("1", "2026-03-31T23:59:59.999999", "5"),
        order("2", "2026-04-01T00:00:00", "7"),
    )

    assert totals(after) == {("spenders", "2026-03-01"): "5", ("spenders", "2026-04-01"): "7"}


def test_c2_a_late_event_amends_the_running_period_only() -> None:
    rules = boards("spenders: {by: spend, per: month}")

    in_time = told(rules, late(order("1", "2026-03-02", "5"), "2026-03-31T23:59:59"))
    assert totals(in_time) == {("spenders", "2026-03-01"): "5"}

    too_late = told(rules, late(order("1", "2026-03-02", "5"), "2026-04-01T00:00:00"))
    assert totals(too_late) == {}
    (reason,) = (one for one in too_late.last.told if one.code == "board_over")
    text = words_of("en").sentence(reason, About(None, 1, rules.zone))
    assert text == "It came too late for the leaderboard spenders: that period is over."


def test_c2_what_comes_back_in_the_next_period_changes_no_period_that_is_over() -> None:
    rules = boards("spenders: {by: spend, per: month}")

    after = told(rules, order("1", "2026-03-31", "50"), cancelled("r", "2026-04-02", "1"))

    assert totals(after) == {("spenders", "2026-03-01"): "50"}


def test_c2_a_leaderboard_of_a_challenge_runs_as_long_as_the_challenge() -> None:
    rules = boards(
        "race: {by: spend, per: challenge, challenge: sprint}",
        more="challenges: {sprint: {on: order.placed, target: 3, badge: fast, "
        "starts: 2026-03-10, ends: 2026-03-12}}\n",
    )

    days = [order(f"{day}", f"2026-03-{day}T12:00", "1") for day in ("09", "10", "12", "13")]
    assert totals(told(rules, *days)) == {("race", "2026-03-10"): "2"}


def scores(of: Told) -> list[Score]:
    return [one for decision in of.decisions for one in decision.scores]


def test_c2_members_are_compared_by_an_attribute_or_their_tier() -> None:
    rules = boards(
        "country: {by: spend, per: month, attribute: country}",
        "tier: {by: spend, per: month, tier_set: flame}",
        more="member: {attributes: {country: string}}\n"
        "tier_sets: {flame: {by: spend, window: lifetime, tiers: {spark: {from: 0}, fire: {from: 100}}}}\n",
    )

    after = told(
        rules,
        order("1", "2026-03-01", "10"),
        joined("2026-03-02", country="DE"),
        order("2", "2026-03-03", "100"),
    )

    segments = [(one.board, one.segment) for one in scores(after)]
    assert segments == [("country", ""), ("tier", "spark"), ("country", "DE"), ("tier", "fire")]


def choice(kind: str, at: str) -> Raw:
    return happened(f"leaderboard.{kind}", f"{kind}-{at}", at, leaderboard="spenders")


def test_c2_a_member_is_invisible_by_choice_at_any_time() -> None:
    rules = boards("spenders: {by: spend, per: month}")

    after = told(
        rules,
        order("1", "2026-03-01", "10"),
        choice("left", "2026-03-02"),
        order("2", "2026-03-03", "10"),
        order("3", "2026-04-03", "10"),
        choice("joined", "2026-04-04"),
    )

    assert [(format_amount(one.amount), one.is_shown) for one in scores(after)] == [
        ("10", True),
        ("0", False),
        ("10", False),
        ("10", False),
        ("0", True),
    ]


def test_c2_where_one_has_to_join_only_who_did_is_shown() -> None:
    rules = boards("spenders: {by: spend, per: month, opt_in: true}")

    after = told(rules, order("1", "2026-03-01", "10"), choice("joined", "2026-03-02"))

    assert [one.is_shown for one in scores(after)] == [False, True]


def test_who_is_erased_is_shown_nowhere() -> None:
    rules = boards("spenders: {by: spend, per: month}")
    after = told(rules, order("1", "2026-03-01", "10"))
    raw = {"id": "gone", "type": "member.erased", "member": "c-17", "reason": "asked", "actor": "ada"}
    erased = own_event(
        {**raw, "occurred_at": moment("2026-03-02").isoformat()}, recorded_at=moment("2026-03-02")
    )

    decision = advance(after.timeline, after.state, erased)

    assert [(one.board, one.is_shown) for one in decision.scores] == [("spenders", False)]


def won(rank: int, at: datetime) -> Raw:
    raw: Raw = {"id": "b", "type": "leaderboard.won", "member": "c-17", "leaderboard": "spenders"}
    return {**raw, "occurred_at": at.isoformat(), "period": at.isoformat(), "rank": rank}


PRIZES = "spenders: {by: spend, per: month, prizes: [{rank: 1, award: {points: 500}, badge: champion}, "
PRIZES += "{rank: 2, to: 3, award: {points: 100}}]}"


def test_a_prize_is_what_the_programme_promised_for_the_rank() -> None:
    rules, end = boards(PRIZES, "earners: {unit: points, per: month}"), END
    given = {}
    for rank in (1, 2, 3, 4):
        after = told(rules, order("1", "2026-03-31", "5"))
        decision = advance(after.timeline, after.state, own_event(won(rank, end), recorded_at=end))
        given[rank] = [format_amount(entry.amount) for entry in decision.entries]
        assert decision.scores == [], "a prize counts for no leaderboard"
        assert ("champion" in after.state.badges) == (rank == 1)
        assert {entry.effective_at - end for entry in decision.entries} <= {timedelta(0)}

    assert given == {1: ["500"], 2: ["100"], 3: ["100"], 4: []}


def test_a_prize_is_given_to_members_alone() -> None:
    nobody = told(boards(PRIZES))
    decision = advance(nobody.timeline, nobody.state, own_event(won(1, END), recorded_at=END))
    assert (decision.code, balances(nobody)) == ("unknown_member", {})


@pytest.mark.parametrize(
    ("board", "code", "says"),
    [
        ("{unit: pionts, per: month}", "unknown_unit", "no unit 'pionts'"),
        ("{per: month}", "missing_key", "unit"),
        ("{by: spend}", "missing_key", "per"),
        ("{by: spend, per: day}", "bad_value", "week"),
        ("{by: spend, unit: points, per: month}", "bad_value", "means nothing"),
        ("{by: spend, per: challenge}", "missing_key", "challenge"),
        ("{by: spend, per: challenge, challenge: sprnt}", "unknown_challenge", "no challenge 'sprnt'"),
        ("{by: spend, per: challenge, challenge: sprint}", "no_schedule", "no end"),
        ("{by: spend, per: month, challenge: sprint}", "bad_value", "per: challenge"),
        ("{by: spend, per: month, attribute: country}", "unknown_attribute", "'country'"),
        ("{by: spend, per: month, tier_set: flame}", "unknown_tier_set", "'flame'"),
        ("{by: spend, per: month, prizes: [{rank: 3, to: 1, badge: x}]}", "bad_prize", "backwards"),
        ("{by: spend, per: month, prizes: [{rank: 1}]}", "bad_prize", "gives nothing"),
        (
            "{by: spend, per: month, prizes: [{rank: 1, to: 5, badge: x}, {rank: 5, badge: y}]}",
            "bad_prize",
            "one prize",
        ),
        ("{by: value, on: order.placed, value: member.id, per: month}", "type", ""),
    ],
)
def test_u9_a_leaderboard_that_cannot_be_is_refused(board: str, code: str, says: str) -> None:
    with pytest.raises(ProgramError) as refused:
        boards(f"one: {board}", more="challenges: {sprint: {on: order.placed, target: 1, badge: b}}\n")
    problem = next(one for one in refused.value.problems if one.code == code)
    assert says in f"{problem.message} {problem.next_step}"


def test_a_leaderboard_that_is_not_there_is_refused_with_the_nearest() -> None:
    rules = boards("spenders: {by: spend, per: month}")
    decision = told(rules, happened("leaderboard.left", "x", "2026-03-01", leaderboard="spender")).last
    assert (decision.code, decision.next_step) == ("unknown_leaderboard", "Did you mean 'spenders'?")
