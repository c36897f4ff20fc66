"""`bondfire keys`: keys that expire, and keys with a rate of their own."""

from pathlib import Path

import pytest

from cli.conftest import Command, Ended


@pytest.fixture
def keys(installed: Command, program: Path) -> Command:
    """`bondfire keys` for a brand that is there."""
    installed("publish", program)

    def act(verb: str, *words: object) -> Ended:
        named = ("--name", "till", "--scope", "events:write") if verb == "add" else ()
        return installed("keys", verb, *words, "--brand", "corner-cafe", *named)

    return act


def test_a_key_may_expire_and_have_its_own_rate(keys: Command) -> None:
    made = keys("add", "--expires", "2099-01-01T00:00:00+01:00", "--rate", 600, "--burst", 50, "--json")

    assert made.json["expires_at"] == "2098-12-31T23:00:00Z"
    assert made.json["rate"] == {"per_minute": 600, "burst": 50}
    assert keys("list", "--json").json == {"keys": [without(made.json, "token")]}
    told = keys("list").out
    assert "expires 2098-12-31 23:00" in told
    assert "600" in told


def without(said: dict[str, object], name: str) -> dict[str, object]:
    """The same JSON object without one of its names."""
    return {each: value for each, value in said.items() if each != name}


def test_without_more_words_a_key_does_not_expire_and_has_the_rate_of_every_key(keys: Command) -> None:
    made = keys("add", "--json").json

    assert (made["expires_at"], made["rate"], made["last_used_on"]) == (None, None, None)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--expires", "2020-01-01T00:00:00Z"), "bad_expiry"),
        (("--expires", "tomorrow"), "bad_time"),
        (("--rate", "-1"), "bad_rate"),
        (("--rate", "60", "--burst", "0"), "bad_rate"),
        (("--burst", "5"), "usage"),
    ],
)
def test_what_cannot_be_is_refused_and_no_key_is_made(
    keys: Command, words: tuple[str, ...], code: str
) -> None:
    refused = keys("add", *words, "--json")

    assert refused.code in {1, 2}
    assert refused.json["code"] == code
    assert keys("list", "--json").json == {"keys": []}


def test_a_revoked_key_is_listed_as_such(keys: Command) -> None:
    made = keys("add", "--json").json

    keys("revoke", made["key_id"])

    assert "revoked 2" in keys("list").out
