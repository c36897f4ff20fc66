"""Codes: readable, told from typing errors by form alone, kept as hashes, and not to be guessed."""

from datetime import timedelta
from random import Random

import pytest

from bondfire.coupons import Given, Refusal, Terms, import_codes, list_batches, revoke_codes
from bondfire.coupons.codes import (
    ALPHABET,
    LETTERS,
    RANDOM_BYTES,
    hash_of,
    is_mistyped,
    new_code,
    plain_code,
)
from bondfire.db import connect, transaction
from bondfire.errors import BondfireError
from bondfire.kit import member_id_of
from coupons.makers import Shop, basket, shop_of
from journal.store_makers import T0

CHANCE = Random(20260105)
TAKEN = Refusal("", "", "")


def a_code() -> str:
    return new_code(CHANCE.randbytes(RANDOM_BYTES))


@pytest.fixture(scope="module")
def shop(shared_database: str) -> Shop:
    return shop_of(shared_database)


def answer(shop: Shop, code: str, member: str = "c-1") -> Refusal:
    """What somebody is told who brings a code."""
    refusal = shop.evaluate(basket("guess", "50.00", code, member=member)).priced.offered[0].refusal
    return refusal or TAKEN


def test_a_code_has_more_than_eighty_random_bits_in_letters_that_people_can_read() -> None:
    assert len(ALPHABET) ** LETTERS > 2**80
    assert not set("01IOU") & set(ALPHABET)
    assert len({a_code() for _ in range(1_000)}) == 1_000
    assert all(len(part) == 6 for part in a_code().split("-"))


def test_every_wrong_letter_and_every_two_that_changed_places_are_a_typing_error() -> None:
    code = plain_code(a_code())

    assert not is_mistyped(code)
    for place in range(len(code)):
        others = (code[:place] + letter + code[place + 1 :] for letter in ALPHABET if letter != code[place])
        assert all(is_mistyped(other) for other in others)
        for later in range(place + 1, len(code)):
            if code[place] != code[later]:
                letters = list(code)
                letters[place], letters[later] = letters[later], letters[place]
                assert is_mistyped("".join(letters))


def test_a_code_is_read_however_it_is_typed() -> None:
    assert plain_code(" ab2-cd3 ef4 ") == "AB2CD3EF4"


def test_codes_are_stored_as_hashes_only(shop: Shop) -> None:
    code = shop.codes("five_off")[0]

    with connect(shop.dsn) as conn, transaction(conn):
        rows = conn.execute("SELECT coupon_code::text FROM coupon_code").fetchall()
        assert not [row for row in rows if plain_code(code) in row[0] or code in row[0]]
    assert answer(shop, code) == TAKEN


def test_a_million_guesses_hit_nothing() -> None:
    """The very look-up, by hash, without the way to it; each guess has the right form."""
    known = {hash_of("corner", plain_code(a_code())) for _ in range(1_000)}
    guess, letters = Random(7).randbytes, (ALPHABET * 9)[:256].encode()
    hits = [
        hash_of("corner", guess(LETTERS + 1).translate(letters).decode()) in known for _ in range(1_000_000)
    ]

    assert not any(hits)


def test_a_wrong_a_used_an_old_a_revoked_and_somebody_elses_code_are_answered_alike(shop: Shop) -> None:
    used, over, revoked, other = (
        shop.codes("five_off")[0],
        shop.codes("five_off", expires_at=T0 + timedelta(days=1))[0],
        shop.codes("five_off")[0],
        "PARTNER-77",
    )
    shop.confirm(basket("used", "50.00", used, member="c-2"))
    with connect(shop.dsn) as conn, transaction(conn):
        assert revoke_codes(conn, shop.brand, revoked_at=T0, code=revoked) == 1
        assert revoke_codes(conn, shop.brand, revoked_at=T0, code=revoked) == 0
        theirs = Given(other, member_id_of("corner", "c-9"))
        program = shop.timeline.newest.program
        assert import_codes(conn, shop.brand, program, Terms("five_off", "partner", T0), given=[theirs]) == 1
    late = T0 + timedelta(days=2)

    told = {answer(shop, code) for code in (a_code(), used, revoked, other, "NO SUCH CODE")}
    expired = shop.evaluate(basket("late", "50.00", over, at=late)).priced.offered[0].refusal
    assert told == {expired}
    assert expired is not None
    assert expired.code == "code_not_valid"
    assert answer(shop, other, member="c-9") == TAKEN
    assert answer(shop, used[:-1] + ("2" if used[-1] != "2" else "3"))[0] == "code_mistyped"


def test_given_codes_are_imported_once_and_for_one_coupon(shop: Shop) -> None:
    program, given = shop.timeline.newest.program, [Given("summer-2026"), Given("AUTUMN2026")]
    with connect(shop.dsn) as conn, transaction(conn):
        assert import_codes(conn, shop.brand, program, Terms("tenth", "seasons", T0, None), given=given) == 2
        assert import_codes(conn, shop.brand, program, Terms("tenth", "seasons", T0, None), given=given) == 0
        for terms, codes, code in (
            (Terms("five_off", "again", T0), given, "code_exists"),
            (Terms("tenht", "again", T0), given, "unknown_coupon"),
            (Terms("tenth", "again", T0), [Given("A B")], "bad_code"),
            (Terms("tenth", "again", T0), [Given("A-B-1234"), Given("ab1234")], "bad_code"),
            (Terms("tenth", "again", T0), [Given("2" * 17 + "3")], "bad_code"),
            (Terms("tenth", "again", T0), [], "bad_count"),
        ):
            with pytest.raises(BondfireError) as refusal:
                import_codes(conn, shop.brand, program, terms, given=codes)
            assert refusal.value.code == code
            assert refusal.value.next_step
    for number in range(3):
        shop.confirm(basket(f"s-{number}", "50.00", "Summer 2026", member=f"s-{number % 2}"))

    with connect(shop.dsn) as conn:
        (found,) = [one for one in list_batches(conn, shop.brand) if one.batch == "seasons"]
    assert (found.codes, found.used, found.uses, found.revoked) == (2, 1, 3, 0)
