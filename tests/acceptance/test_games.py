"""Games of chance as decisions see them, and the formula of a draw: odds, stock, limits, countries, price."""

import hashlib
import hmac
from fractions import Fraction

import pytest

from acceptance.makers import Raw, Told, adjusted, balances, joined, moment, program, told
from bondfire.engine import Decision, advance
from bondfire.events import own_event
from bondfire.games import commitment_of, side_drawn
from bondfire.kit import format_amount
from bondfire.programs import Program, ProgramError

UNITS = "units: {points: {}, status: {qualifying: true}}\nmember: {attributes: {country: string}}\n"
PRIZES = "{grand: {odds: 1/100, award: {points: 1000}, badge: lucky, stock: 1, otherwise: small}, "
PRIZES += "small: {odds: 9/100, award: {points: 20}}, nothing: {odds: 9/10}}"
SEED = bytes(range(32))


def wheel(keys: str = "", prizes: str = PRIZES) -> Program:
    return program(f"{UNITS}games:\n  wheel: {{prizes: {prizes}{keys}}}\n")


def play(of: Told, number: int, drawn: str, at: str = "2026-03-01") -> Decision:
    when = moment(at).isoformat()
    raw: Raw = {"id": f"play-{number}-{at}", "type": "game.played", "member": "c-17", "occurred_at": when}
    raw |= {
        "game": "wheel",
        "period": when,
        "commitment": "c",
        "nonce": "n",
        "number": number,
        "drawn": drawn,
    }
    return advance(of.timeline, of.state, own_event(raw, recorded_at=moment(at)))


def rich(rules: Program, country: str = "DE") -> Told:
    return told(rules, joined("2026-01-01", country=country), adjusted("gift", "2026-01-02", "100"))


def test_a_play_costs_its_price_and_gives_what_was_drawn() -> None:
    member = rich(wheel(", price: {points: 30}"))

    decisions = [play(member, 1, "small"), play(member, 2, "nothing"), play(member, 3, "grand")]

    assert [[format_amount(entry.amount) for entry in one.entries] for one in decisions] == [
        ["30", "20"],
        ["30"],
        ["30", "1000"],
    ]
    assert member.state.badges.keys() == {"lucky"}
    assert balances(member) == {"issued": 1120, "active": 1030, "spent": 90}


def test_who_cannot_pay_does_not_play() -> None:
    member = rich(wheel(", price: {points: 101}"))
    decision = play(member, 1, "grand")
    assert (decision.code, decision.entries, member.state.plays) == ("not_enough", [], {})


def test_what_is_out_of_stock_is_given_as_the_programme_says() -> None:
    member, other = rich(wheel()), rich(wheel())

    first = play(member, 1, "grand")
    (key,) = first.budgets_used
    at = moment("2026-03-02").isoformat()
    raw: Raw = {"id": "p", "type": "game.played", "member": "c-18", "occurred_at": at, "period": at}
    raw |= {"game": "wheel", "commitment": "c", "nonce": "n", "drawn": "grand", "number": 1}
    event = own_event(raw, recorded_at=moment("2026-03-02"))
    second = advance(other.timeline, other.state, event, {key[0]: first.budgets_used[key]})

    assert [entry.amount for entry in second.entries] == [20]
    assert [one.note for one in second.told if one.code == "prize_given"] == ["small"]


def test_plays_are_limited_in_each_window() -> None:
    member = rich(wheel(", limits: [{plays: 2, per: day}, {plays: 3, per: month}]"))

    days = [play(member, 1, "nothing"), play(member, 2, "nothing"), play(member, 3, "nothing")]
    assert [one.code for one in days] == ["", "", "play_limit_reached"]
    later = [play(member, 3, "nothing", "2026-03-02"), play(member, 4, "nothing", "2026-03-03")]
    assert [one.code for one in later] == ["", "play_limit_reached"]
    assert play(member, 1, "nothing", "2026-04-01").code == "", "a new period counts from 1"


@pytest.mark.parametrize("country", ["DE", "FR", ""])
def test_a_game_is_off_where_it_is_not_allowed_and_where_nobody_knows(country: str) -> None:
    rules = wheel(", attribute: country, countries: [DE, AT]")
    member = rich(rules, country) if country else told(rules, joined("2026-01-01"))
    assert play(member, 1, "nothing").code == ("" if country == "DE" else "not_in_this_country")


def test_a_game_runs_within_its_schedule_in_t() -> None:
    rules = wheel(", starts: 2026-03-01, ends: 2026-03-02")
    at = ["2026-02-28T23:59:59", "2026-03-01T00:00:00", "2026-03-02T23:59:59", "2026-03-03T00:00:00"]
    codes = [play(rich(rules), 1, "nothing", one).code for one in at]
    assert codes == ["not_playable", "", "", "not_playable"]


def test_a_play_out_of_its_turn_is_refused() -> None:
    member = rich(wheel())
    codes = [play(member, number, "nothing").code for number in (2, 1, 1, 2)]
    assert codes == ["out_of_turn", "", "out_of_turn", ""]


def test_the_odds_of_many_draws_are_those_that_were_declared() -> None:
    """Pearson's chi-square over 20,000 draws of a fixed seed: below 13.8, the 99.9 % point of 2 degrees."""
    game = wheel().games["wheel"]
    drawn = dict.fromkeys(game.prizes, 0)
    for number in range(20_000):
        side = side_drawn(SEED, "wheel", "mem_a", number=number, nonce="n", sides=game.sides)
        drawn[game.prize_on(side)] += 1

    expected = {name: 20_000 * chance.odds for name, chance in game.prizes.items()}
    chi_square = sum(Fraction((drawn[name] - share) ** 2) / share for name, share in expected.items())
    assert chi_square < Fraction("13.8")


def value_of(number: int, counter: int) -> int:
    """The first 8 bytes of the HMAC, as anybody would compute it from the documentation."""
    said = f"wheel\nmem_a\n{number}\nn\n{counter}".encode()
    return int.from_bytes(hmac.new(SEED, said, hashlib.sha256).digest()[:8], "big")


def test_a_draw_is_the_documented_formula() -> None:
    assert side_drawn(SEED, "wheel", "mem_a", number=1, nonce="n", sides=100) == value_of(1, 0) % 100
    assert commitment_of(SEED) == hashlib.sha256(SEED).hexdigest()


def test_a_number_that_would_favour_the_first_parts_is_passed_over() -> None:
    number = next(number for number in range(1, 100) if value_of(number, 0) > 2**63)
    sides = value_of(number, 0)
    following = next(value for counter in range(1, 100) if (value := value_of(number, counter)) < sides)

    assert side_drawn(SEED, "wheel", "mem_a", number=number, nonce="n", sides=sides) == following


def test_the_parts_lie_in_the_order_of_the_names_whatever_the_order_written() -> None:
    game = wheel().games["wheel"]
    assert game.sides == 100
    drawn = [game.prize_on(side) for side in (0, 1, 90, 91, 99)]
    assert drawn == ["grand", "nothing", "nothing", "small", "small"]


@pytest.mark.parametrize(
    ("prizes", "keys", "code", "says"),
    [
        ("{a: {odds: 1/2}, b: {odds: 1/3}}", "", "bad_odds", "add up to 5/6"),
        ("{a: {odds: 1/2}, b: {odds: 2/3}}", "", "bad_odds", "add up to 7/6"),
        ("{a: {odds: 0.5}, b: {odds: 1/2}}", "", "bad_value", "1/1000"),
        ("{a: {odds: 1/0}, b: {odds: 1/2}}", "", "bad_value", "fraction"),
        ("{a: {odds: 1/2, stock: 5}, b: {odds: 1/2}}", "", "bad_prize", "belong together"),
        ("{a: {odds: 1/2, stock: 5, otherwise: c}, b: {odds: 1/2}}", "", "bad_prize", "'c'"),
        (
            "{a: {odds: 1/2, stock: 5, otherwise: b}, b: {odds: 1/2, stock: 5, otherwise: a}}",
            "",
            "bad_prize",
            "always one",
        ),
        (PRIZES, ", price: {status: 1}", "not_spendable", "never be spent"),
        (PRIZES, ", price: {pionts: 1}", "unknown_unit", "'points'"),
        (PRIZES, ", countries: [DE]", "bad_value", "belong together"),
        (PRIZES, ", attribute: contry, countries: [DE]", "unknown_attribute", "'country'"),
    ],
)
def test_u9_a_game_that_cannot_be_is_refused(prizes: str, keys: str, code: str, says: str) -> None:
    with pytest.raises(ProgramError) as refused:
        wheel(keys, prizes)
    problem = next(one for one in refused.value.problems if one.code == code)
    assert says in f"{problem.message} {problem.next_step}"
