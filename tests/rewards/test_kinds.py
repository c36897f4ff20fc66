"""What each kind of reward gives: a tier, early access, content, codes; and in which order they are seen."""

from datetime import timedelta

import pytest

from bondfire.db import connect, transaction
from bondfire.errors import BondfireError, NotFound
from bondfire.rewards import (
    BadRedemption,
    NoCode,
    SoldOut,
    cancel,
    capture,
    catalogue_for,
    import_codes,
    may_buy,
    redemptions_of,
    release,
    use_code,
)
from rewards.makers import Club, club_of

REWARDS = """
rewards:
  first_look:
    kind: access
    price: {points: 100}
    window: {skus: [coat], from: 2026-03-05, until: 2026-03-06}
    limit: {times: 1}
  book: {kind: content, price: {points: 50}, content: "https://example.org/book", tags: [craft]}
  stories: {kind: content, price: {points: 10}, content: "https://example.org/stories", tags: [travel]}
  fire: {kind: upgrade, price: {points: 200}, grants: {tier: fire, for: 1 month}}
  for_fire: {price: {points: 1}, tier: fire}
  tree: {kind: donation, price: {points: 10}, recipient: Bergwald}
  cinema: {kind: partner, price: {points: 100}, partner: Odeon}
  five_off: {kind: voucher, price: {points: 100}}
catalogue: {preferences: [likes]}
member: {attributes: {likes: strings}}
"""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def club(shared_database: str) -> Club:
    """Ann and Ben with a thousand points each."""
    club = club_of(shared_database, REWARDS)
    club.earn("ann", "ben")
    return club


def bring(club: Club, *codes: str, reward: str = "cinema") -> int:
    with connect(club.dsn) as conn, transaction(conn):
        return import_codes(conn, club.brand, club.timeline, reward, codes=codes)


def access(club: Club, member: str, sku: str = "coat") -> tuple[bool, str]:
    with connect(club.dsn) as conn, transaction(conn):
        return may_buy(conn, club.brand, club.timeline, club.member(member), sku=sku, now=club.now)[:2]


def call_off(club: Club, member: str, name: str) -> None:
    club.at_desk(member, lambda desk: cancel(desk, name, event=f"{name}/x", reason="ill", actor="ada"))


def test_an_upgrade_gives_a_tier_until_its_end(club: Club) -> None:
    assert club.seen("ann").standings["flame"].tier == "spark"
    club.redeem("ann", "fire")
    club.redeem("ann", "for_fire")
    assert club.seen("ann").standings["flame"].tier == "fire"
    club.now += 31 * DAY
    assert club.seen("ann").standings["flame"].tier == "spark"
    with pytest.raises(BondfireError, match="for fire and above"):
        club.redeem("ann", "for_fire")
    assert club.is_true()


def test_an_upgrade_that_is_cancelled_ends(club: Club) -> None:
    name = club.redeem("ann", "fire").redeemed.event
    call_off(club, "ann", name)
    assert club.seen("ann").standings["flame"].tier == "spark"
    assert club.active("ann") == 1000
    assert club.is_true()


def test_early_access_says_who_may_buy_when(club: Club) -> None:
    club.redeem("ann", "first_look")
    assert access(club, "ann") == (False, "not_open")
    assert access(club, "ann", "scarf") == (True, "everybody_may")
    club.now += 4 * DAY
    assert (access(club, "ann"), access(club, "ben")) == ((True, "early_access"), (False, "needs_reward"))
    club.now += 2 * DAY
    assert access(club, "ben") == (True, "everybody_may")


def test_content_is_shown_to_whoever_has_it(club: Club) -> None:
    club.redeem("ann", "book")
    with connect(club.dsn) as conn, transaction(conn):
        (owned,) = redemptions_of(conn, club.brand, club.timeline, club.member("ann"), now=club.now)
    assert (owned.reward.content, owned.redeemed.status) == ("https://example.org/book", "taken")


def test_a_voucher_has_a_code_that_is_used_once_and_kept_as_a_hash(club: Club) -> None:
    got = club.redeem("ann", "five_off")
    code = str(got.code)
    with pytest.raises(BadRedemption, match="code of its own"):
        club.redeem("ann", "five_off", quantity=2)
    with connect(club.dsn) as conn:
        dump = str(conn.execute("SELECT * FROM reward_code").fetchall())
        dump += str(conn.execute("SELECT body, decision FROM journal").fetchall())
    assert code not in dump
    assert code.replace("-", "") not in dump
    with connect(club.dsn) as conn, transaction(conn):
        who, used = use_code(conn, club.brand, club.timeline, code, now=club.now)
    assert (who, used.status) == (club.member("ann"), "used")
    with connect(club.dsn) as conn, transaction(conn), pytest.raises(NoCode):
        use_code(conn, club.brand, club.timeline, code, now=club.now)
    assert club.is_true()


def test_partner_codes_are_given_out_once_each_and_shown_to_whoever_has_them(club: Club) -> None:
    assert (bring(club, "A-1", "B-2"), bring(club, "B-2", "C-3")) == (2, 1)
    given = [club.redeem(member, "cinema").code for member in ("ann", "ben", "ann")]
    assert given == ["A-1", "B-2", "C-3"]
    with pytest.raises(SoldOut):
        club.redeem("ben", "cinema")
    with connect(club.dsn) as conn, transaction(conn):
        owned = redemptions_of(conn, club.brand, club.timeline, club.member("ann"), now=club.now)
    assert sorted(str(one.partner_code) for one in owned) == ["A-1", "C-3"]
    with pytest.raises(BondfireError, match="cannot be called back"):
        call_off(club, "ann", owned[0].redeemed.event)
    assert (club.active("ann"), club.active("ben")) == (800, 900)
    assert club.is_true()


def test_a_partner_code_is_held_and_shown_only_when_it_is_captured(club: Club) -> None:
    bring(club, "A-1")
    held = club.redeem("ann", "cinema", until=HOUR)
    assert held.code is None
    with pytest.raises(SoldOut):
        club.redeem("ben", "cinema")
    name = held.redeemed.event
    club.at_desk("ann", lambda desk: release(desk, name, event=f"{name}/r"))
    again = club.redeem("ben", "cinema", until=HOUR).redeemed.event
    got = club.at_desk("ben", lambda desk: capture(desk, again, event=f"{again}/c", random=bytes(10)))
    assert got.code == "A-1"
    assert club.is_true()


def test_codes_are_imported_for_a_partner_alone_and_whole(club: Club) -> None:
    with pytest.raises(NotFound, match="no reward 'cinma' of a partner") as refused:
        bring(club, "A-1", reward="cinma")
    assert refused.value.next_step == "Did you mean 'cinema'?"
    for wrong in ((), ("A-1", " blank"), ("A-1", "ümlaut"), ("x" * 201,)):
        with pytest.raises(BadRedemption):
            bring(club, *wrong)
    with pytest.raises(SoldOut):
        club.redeem("ann", "cinema")


def test_the_catalogue_leads_with_what_money_cannot_buy_and_follows_what_a_member_likes(club: Club) -> None:
    club.send({"type": "member.updated", "member": "ann", "attributes": {"likes": ["travel"]}})
    club.send({"type": "member.updated", "member": "ben", "attributes": {"likes": ["craft"]}})
    seen = {}
    with connect(club.dsn) as conn, transaction(conn):
        for name in ("ann", "ben"):
            offers = catalogue_for(conn, club.brand, club.timeline, club.member(name), now=club.now)
            seen[name] = [one.reward.name for one in offers]
            codes = {one.reward.name: one.refusal.code for one in offers if one.refusal}
            assert codes == {"for_fire": "tier_too_low"}
    assert seen["ann"][:3] == ["stories", "book", "first_look"]
    assert seen["ben"][:3] == ["book", "stories", "first_look"]
    assert seen["ann"][3:] == seen["ben"][3:] == ["fire", "for_fire", "tree", "cinema", "five_off"]


def test_a_reward_of_an_old_version_is_what_it_was(club: Club) -> None:
    """Held by one version, captured when the programme has it no more."""
    from bondfire.programs import load_timeline, publish_program

    held = club.redeem("ann", "fire", until=30 * DAY).redeemed.event
    club.now += DAY
    club.send({"type": "member.updated", "member": "ben", "attributes": {}})
    text = club.timeline.newest.program.document
    document = "\n".join(one for one in text.split("\n") if "kind: upgrade" not in one)
    with connect(club.dsn) as conn, transaction(conn):
        publish_program(
            conn, club.brand.id, document, published_at=club.now, published_by="test", valid_from=club.now
        )
        club.timeline = load_timeline(conn, club.brand.id)
    club.at_desk("ann", lambda desk: capture(desk, held, event="c", random=bytes(10)))
    assert club.seen("ann").standings["flame"].tier == "fire"
    assert club.active("ann") == 800
    assert club.is_true()
