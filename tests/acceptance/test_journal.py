"""L14 to L20, U13, U14: one event one effect, late events, exact amounts, equal histories."""

import random
from decimal import Decimal

import pytest

from acceptance.makers import (
    PLAIN,
    Raw,
    adjusted,
    balances,
    late,
    line,
    local,
    lots,
    moment,
    order,
    parsed,
    program,
    published,
    reason,
    restored,
    returned,
    spent,
    story,
    told,
)
from bondfire.engine import IdentityConflict
from bondfire.events import EventError
from bondfire.ledger import Account, Kind

MONTHLY = PLAIN.replace("{}", "{expires: {after: 1 month}}")


def test_l14_an_event_delivered_many_times_and_a_year_later_has_one_effect() -> None:
    placed, next_year = order("1", "2026-01-10", "100.00"), order("2", "2027-01-10", "1.00")
    once = story(program(), [placed, next_year])

    often = story(program(), [placed, placed, next_year, placed, placed])

    assert often.digest == once.digest
    assert (often.events, often.duplicates, often.refused) == (2, 3, [])
    assert balances(often) == {"issued": 101, "active": 101}


def test_l14_the_same_id_from_another_source_or_of_another_member_is_another_event() -> None:
    placed = order("1", "2026-01-10", "100.00")

    run = story(program(), [placed, {**placed, "source": "till", "order": "2"}, {**placed, "member": "c-18"}])

    assert (run.events, run.duplicates) == (3, 0)
    assert [int(state.ledger.wallets["points"].active) for state in run.states.values()] == [200, 100]


def test_l15_the_same_identity_with_another_body_is_a_conflict_and_the_first_stands() -> None:
    placed = order("1", "2026-01-10", "100.00")
    first = story(program(), [placed])

    run = story(program(), [placed, {**placed, "total": "1000.00"}])

    assert [(one.event, one.code) for one in run.refused] == [("ord-1", "identity_conflict")]
    assert IdentityConflict.status == 409
    assert run.digest == first.digest
    assert balances(run) == {"issued": 100, "active": 100}


def test_l16_a_backdated_event_is_decided_by_the_rules_of_its_time() -> None:
    twice = PLAIN.replace("floor(event.total)", "floor(event.total) * 2")
    tale = told(
        published(("", MONTHLY), ("2026-02-01 00:00", twice)),
        order("1", "2026-02-05", "1.00"),
        late(order("2", "2026-01-31 23:59:59", "100.00"), arrives="2026-02-06"),
    )

    assert (tale.last.version, tale.last.entries[0].version) == (1, 1)
    assert lots(tale) == [(100, "2026-02-28 23:59:59+01:00"), (2, "never")]


def test_l16_what_would_have_expired_by_now_is_earned_and_expired_in_one_entry() -> None:
    tale = told(
        program(MONTHLY),
        order("1", "2026-03-01", "1.00"),
        late(order("2", "2026-01-10", "100.00"), arrives="2026-03-01"),
    )

    (entry,) = tale.last.entries
    assert (entry.kind, entry.debit, entry.credit) == (Kind.EARN, Account.ISSUED, Account.EXPIRED)
    assert entry.amount == 100
    assert balances(tale) == {"issued": 101, "active": 1, "expired": 100}


@pytest.mark.parametrize(("arrives", "active"), [("11:59:59", 100), ("12:00:00", 0)])
def test_l16_what_arrives_exactly_at_its_expiry_is_expired(arrives: str, active: int) -> None:
    tale = told(
        program(MONTHLY), late(order("1", "2026-01-10 12:00", "100.00"), arrives=f"2026-02-10 {arrives}")
    )

    assert balances(tale).get("active", 0) == active


@pytest.mark.parametrize(
    ("window", "arrives"), [("event", "2029-06-01"), ("lifetime", "2029-06-01"), ("day", "2028-03-01")]
)
def test_l16_a_backdated_event_of_a_capped_rule_earns_what_its_cap_had_left(
    window: str, arrives: str
) -> None:
    capped = PLAIN.replace("total)}}", f"total)}}, cap: {{points: 60, per: {window}}}}}")
    tale = told(
        program(capped),
        order("1", arrives, "40.00"),
        late(order("2", "2026-01-10", "100.00"), arrives=arrives),
    )

    expected = {"event": 60, "lifetime": 20, "day": 60}[window]
    assert tale.last.entries[0].amount == expected


@pytest.mark.parametrize(
    ("close_after", "arrives", "posted"),
    [
        ("10 days", "2026-02-10 23:59:59", "2026-01-20 12:00:00+01:00"),
        ("10 days", "2026-02-11 00:00:00", "2026-02-11 00:00:00+01:00"),
        ("0 days", "2026-02-01 00:00:00", "2026-02-01 00:00:00+01:00"),
    ],
)
def test_l16_a_closed_month_is_never_changed_and_the_effective_date_is_kept(
    close_after: str, arrives: str, posted: str
) -> None:
    tale = told(
        program(PLAIN + f"books: {{close_after: {close_after}}}\n"),
        late(order("1", "2026-01-20", "100.00"), arrives=arrives),
    )

    cause = tale.last.entries[0]
    assert local(cause.effective_at) == "2026-01-20 12:00:00+01:00"
    assert local(cause.posted_at) == posted


def test_l16_a_month_that_closes_at_its_end_does_not_take_what_comes_a_minute_later() -> None:
    tale = told(
        program(PLAIN + "books: {close_after: 0 days}\n"),
        late(order("1", "2026-01-31 23:59:30", "100.00"), arrives="2026-02-01 00:00:30"),
    )

    assert local(tale.last.entries[0].posted_at) == "2026-02-01 00:00:30+01:00"


def a_full_life() -> list[Raw]:
    """Earning, spending, giving back, returns beyond the balance, corrections, refusals, expiry."""
    return [
        order("1", "2026-01-10", "100.00"),
        order("2", "2026-01-20", "80.00"),
        spent("s1", "2026-01-21", "150"),
        spent("s2", "2026-01-21", "150"),
        returned("r1", "2026-01-22", "100.00", order="1"),
        restored("u1", "2026-02-15", "40", spend="s1"),
        adjusted("a1", "2026-02-16", "7"),
        order("3", "2026-02-17", "60.00"),
        adjusted("a2", "2026-02-18", "-5"),
        returned("r2", "2026-02-19", "20.50", order="3"),
        order("4", "2026-05-01", "1.00"),
    ]


@pytest.mark.parametrize("policy", ["allow_negative", "clamp", "pending_only"])
def test_l18_at_every_prefix_debits_equal_credits_and_balances_their_postings_and_lots(policy: str) -> None:
    rules = program(MONTHLY + f"returns: {{clawback: {policy}}}\n")
    for length in range(1, len(a_full_life()) + 1):
        tale = told(rules, *a_full_life()[:length])
        sums: dict[Account, Decimal] = dict.fromkeys(Account, Decimal(0))
        for entry in tale.entries:
            assert entry.debit != entry.credit
            sums[entry.debit] -= entry.amount
            sums[entry.credit] += entry.amount

        wallet = tale.state.ledger.wallets["points"]
        assert sum(sums.values()) == 0
        assert (sums[Account.ACTIVE], sums[Account.PENDING]) == (wallet.active, wallet.pending)
        assert (sums[Account.DEBT], sums[Account.SPENT]) == (-wallet.debt, wallet.spent)
        assert sums[Account.EXPIRED] == wallet.expired
        assert wallet.active + wallet.pending == sum(amount for amount, _ in lots(tale))
        assert [entry.number for entry in tale.entries] == list(range(1, len(tale.entries) + 1))


@pytest.mark.parametrize("decimals", range(7))
def test_l19_units_of_0_to_6_decimals_are_exact_up_to_a_quadrillion(decimals: int) -> None:
    step = Decimal(1).scaleb(-decimals)
    tale = told(
        program(PLAIN.replace("{}", f"{{decimals: {decimals}}}")),
        order("1", "2026-01-10", "1.00"),
        adjusted("up", "2026-01-11", str(Decimal(10) ** 15 - 1 - step)),
        adjusted("rest", "2026-01-11", str(step)),
        adjusted("beyond", "2026-01-12", str(step)),
        spent("all", "2026-01-13", str(Decimal(10) ** 15 - step)),
    )

    assert [decision.outcome for decision in tale.decisions] == [
        *["accepted"] * 3,
        "refused",
        "accepted",
    ]
    assert (tale.decisions[3].code, tale.decisions[3].entries) == ("overflow", [])
    assert balances(tale) == {
        "issued": Decimal(10) ** 15,
        "spent": Decimal(10) ** 15 - step,
        "active": step,
    }


def test_l19_an_amount_finer_than_its_unit_is_refused_and_nothing_is_posted() -> None:
    tale = told(program(), order("1", "2026-01-10", "10.00"), spent("s", "2026-01-11", "0.5"))

    assert (tale.last.outcome, tale.last.code, tale.last.entries) == ("refused", "bad_amount", [])


def test_l19_an_award_beyond_a_quadrillion_is_refused_and_nothing_is_posted() -> None:
    rich = PLAIN.replace("floor(event.total)", "event.total * 1000") + (
        "  first: {on: order.placed, award: {points: 1}, priority: 9}\n"
    )
    tale = told(program(rich), order("1", "2026-01-10", "1000000000000.01"))

    assert (tale.last.outcome, tale.last.code, tale.last.entries) == ("refused", "overflow", [])
    assert balances(tale) == {}


def test_l19_an_award_beyond_all_digits_is_an_error_said_clearly_and_nothing_is_posted() -> None:
    powers = PLAIN.replace("floor(event.total)", " * ".join(["event.total"] * 6))
    tale = told(program(powers), order("1", "2026-01-10", "999999999999999.99"))

    assert tale.last.entries == []
    assert balances(tale) == {}
    assert tale.last.code == "overflow" or reason(tale.last, "award_failed")


def test_l19_tenths_add_up_exactly() -> None:
    tenths = PLAIN.replace("{}", "{decimals: 1}").replace("floor(event.total)", "line.amount")
    goods = [line(str(number), "0.10") for number in range(3)]
    tale = told(program(tenths), order("1", "2026-01-10", "0.30", lines=goods))

    assert balances(tale) == {"issued": Decimal("0.3"), "active": Decimal("0.3")}


def test_l19_a_binary_float_is_refused() -> None:
    with pytest.raises(EventError) as refusal:
        parsed({**order("1", "2026-01-10", "1.00"), "total": 0.1})

    assert "total" in str(refusal.value)


def interleaved(orders: int, seed: int) -> list[Raw]:
    """Events of seven members, each in its own order, but mixed among each other."""
    queues = [
        [{**raw, "member": f"c-{who}", "id": f"{raw['id']}-{who}"} for raw in a_full_life()][:orders]
        for who in range(7)
    ]
    turns = [who for who, queue in enumerate(queues) for _ in queue]
    random.Random(seed).shuffle(turns)
    return [queues[who].pop(0) for who in turns]


def test_u13_how_members_are_interleaved_does_not_matter() -> None:
    rules = program(MONTHLY)
    runs = [story(rules, interleaved(10, seed), until="2026-05-01") for seed in range(5)]

    assert len({run.digest for run in runs}) == 1
    assert len({str(run.as_dict()["members"]) for run in runs}) == 1
    assert len(runs[0].states) == 7


def test_u14_the_same_events_again_give_the_same_digest_and_one_other_cent_another() -> None:
    first, again = (story(program(MONTHLY), a_full_life()) for _ in range(2))
    other = [*a_full_life()[:-1], order("4", "2026-05-01", "2.00")]

    assert again.digest == first.digest
    assert story(program(MONTHLY), other).digest != first.digest
    assert moment("2026-05-01") == first.until
