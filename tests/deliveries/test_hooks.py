"""Endpoints: an address that cannot be guessed, one secret or two, and never a secret on the way out."""

from datetime import timedelta

import pytest

from bondfire.db import connect, transaction
from bondfire.deliveries import HOOK_RANDOM_BYTES, Hook, add_hook, list_hooks, open_hook, revoke_hook
from bondfire.errors import BadInput, Conflict, NotFound
from deliveries.makers import Cafe
from doors.makers import NOW


def add(
    cafe: Cafe, secret: str = "secret-1", *, seed: int = 1, name: str = "shop-de", shop: str = "shopify"
) -> Hook:
    """An endpoint with a secret."""
    with connect(cafe.dsn) as conn, transaction(conn):
        return add_hook(
            conn,
            cafe.brand.id,
            shop=shop,
            name=name,
            secret=secret,
            added_at=NOW + timedelta(days=seed),
            random=bytes([seed]) * HOOK_RANDOM_BYTES,
        )


def revoke(cafe: Cafe, name: str = "shop-de", *, mark: str = "") -> Hook:
    """The endpoint after it was closed, or after it lost a secret."""
    with connect(cafe.dsn) as conn, transaction(conn):
        return revoke_hook(conn, cafe.brand.id, name, mark=mark, revoked_at=NOW)


def secrets_of(cafe: Cafe, hook: Hook) -> list[str]:
    """What deliveries may be signed with."""
    with connect(cafe.dsn) as conn:
        return open_hook(conn, hook.shop, hook.hook_id).secrets


def test_an_endpoint_opens_at_its_address_and_is_shown_without_its_secret(cafe: Cafe) -> None:
    hook = add(cafe)

    assert hook.path == "/v1/webhooks/shopify/aeaqcaibaeaqcaib"
    assert secrets_of(cafe, hook) == ["secret-1"]
    with connect(cafe.dsn) as conn:
        assert list_hooks(conn, cafe.brand.id) == [hook]
    assert "secret-1" not in str(hook)


def test_a_second_secret_stands_beside_the_first_until_that_is_revoked(cafe: Cafe) -> None:
    first = add(cafe)
    both = add(cafe, "secret-2", seed=2)

    assert (both.hook_id, len(both.secrets)) == (first.hook_id, 2)
    assert secrets_of(cafe, both) == ["secret-1", "secret-2"]
    revoke(cafe, mark=first.secrets[0].mark)
    assert secrets_of(cafe, both) == ["secret-2"]


def test_the_same_secret_again_changes_nothing(cafe: Cafe) -> None:
    assert add(cafe) == add(cafe, " secret-1\n", seed=2)


def test_a_third_secret_is_refused_and_says_which_to_revoke(cafe: Cafe) -> None:
    hook = add(cafe)
    add(cafe, "secret-2", seed=2)

    with pytest.raises(Conflict) as refusal:
        add(cafe, "secret-3")

    assert refusal.value.code == "too_many_secrets"
    assert hook.secrets[0].mark in refusal.value.next_step
    assert secrets_of(cafe, hook) == ["secret-1", "secret-2"]


def test_the_last_secret_cannot_be_taken_away(cafe: Cafe) -> None:
    hook = add(cafe)

    with pytest.raises(Conflict):
        revoke(cafe, mark=hook.secrets[0].mark)
    with pytest.raises(NotFound):
        revoke(cafe, mark="00000000")

    assert secrets_of(cafe, hook) == ["secret-1"]


def test_a_revoked_endpoint_is_closed_its_secrets_are_gone_and_its_name_is_free(cafe: Cafe) -> None:
    old = add(cafe)
    revoked = revoke(cafe)

    assert (revoked.revoked_at, revoked.secrets) == (NOW, ())
    with pytest.raises(NotFound, match="no endpoint in use"):
        secrets_of(cafe, old)
    with connect(cafe.dsn) as conn:
        assert conn.execute("SELECT count(*) FROM hook_secret").fetchone() == (0,)
    assert add(cafe, seed=2).name == old.name
    with pytest.raises(NotFound):
        revoke(cafe, "nobody")


def test_an_address_is_good_for_its_own_shop_only(cafe: Cafe) -> None:
    hook = add(cafe)

    with connect(cafe.dsn) as conn:
        for shop, hook_id in (("stripe", hook.hook_id), ("shopify", "a" * 16), ("shopify", "\0"), ("x", "")):
            with pytest.raises(NotFound):
                open_hook(conn, shop, hook_id)


def test_a_name_belongs_to_one_shop(cafe: Cafe) -> None:
    add(cafe)

    with pytest.raises(Conflict) as refusal:
        add(cafe, shop="stripe", seed=2)

    assert refusal.value.code == "hook_exists"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"secret": "short"}, "bad_secret"),
        ({"secret": "with blanks inside"}, "bad_secret"),
        ({"secret": "umläut-secret"}, "bad_secret"),
        ({"secret": "x" * 501}, "bad_secret"),
        ({"name": "Shop DE"}, "bad_name"),
        ({"name": ""}, "bad_name"),
        ({"shop": "shopfy"}, "bad_shop"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_made(
    cafe: Cafe, changes: dict[str, str], code: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        add(
            cafe,
            changes.get("secret", "secret-1"),
            name=changes.get("name", "shop-de"),
            shop=changes.get("shop", "shopify"),
        )

    assert refusal.value.code == code
    assert changes.get("secret", "\0") not in str(refusal.value)
    with connect(cafe.dsn) as conn:
        assert list_hooks(conn, cafe.brand.id) == []


def test_an_address_made_of_too_little_chance_is_a_mistake(cafe: Cafe) -> None:
    with connect(cafe.dsn) as conn, pytest.raises(ValueError, match="random bytes"):
        add_hook(
            conn, cafe.brand.id, shop="stripe", name="x", secret="secret-1", added_at=NOW, random=b"short"
        )
