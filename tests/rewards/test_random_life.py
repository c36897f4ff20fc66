"""Whatever happens to rewards, in whatever order: what is counted is what members have."""

from collections.abc import Callable
from datetime import timedelta
from random import Random

from bondfire.db import connect, transaction
from bondfire.errors import BondfireError
from bondfire.rewards import (
    Desk,
    Got,
    cancel,
    capture,
    end_claims,
    move_up,
    redeem,
    redeem_or_wait,
    release,
    renew_code,
    use_code,
)
from rewards.makers import Club, bytes_of, club_of, wish_for

REWARDS = """
rewards:
  seat: {kind: event, price: {points: 30, stars: 1}, seats: 4, waiting_list: true}
  tote: {price: {points: 20}, stock: 6, limit: {times: 3, per: day}}
"""
PEOPLE = ("ann", "ben", "cem", "dora", "eve")
TAKEN = {"taken", "used", "missed"}
STEPS = 60


class Life:
    """People who do what comes to their minds."""

    def __init__(self, club: Club, seed: int) -> None:
        self.club, self.chance = club, Random(seed)
        self.known: list[tuple[str, str]] = []
        self.codes: list[str] = []
        self.steps = 0

    def step(self) -> None:
        """Something, or a refusal."""
        self.steps += 1
        member = self.chance.choice(PEOPLE)
        act = self.chance.choice(
            [self.want, self.want, self.change, self.change, self.use, self.tidy, self.pause]
        )
        try:
            act(member)
        except BondfireError:
            return

    def want(self, member: str) -> None:
        hour = timedelta(hours=self.chance.randint(1, 30))
        wish = wish_for(
            self.chance.choice(["seat", "tote"]),
            quantity=self.chance.randint(1, 3),
            until=self.club.now + hour if self.chance.random() < 0.5 else None,
        )
        how = self.chance.choice([redeem, redeem_or_wait])
        got = self.club.at_desk(member, lambda desk: how(desk, wish, random=bytes_of(wish)))
        self.known.append((member, got.redeemed.event))
        self.keep(got)

    def change(self, _member: str) -> None:
        if not self.known:
            return
        member, name = self.chance.choice(self.known)
        event, quantity = f"{name}/{self.steps}", self.chance.choice([None, None, 1])
        random = self.steps.to_bytes(10)
        acts: list[Callable[[Desk], Got]] = [
            lambda desk: capture(desk, name, event=event, quantity=quantity, random=random),
            lambda desk: release(desk, name, event=event, quantity=quantity),
            lambda desk: cancel(desk, name, event=event, reason="so", actor="ada"),
            lambda desk: renew_code(desk, name, random=random),
        ]
        self.keep(self.club.at_desk(member, self.chance.choice(acts)))

    def use(self, _member: str) -> None:
        if self.codes:
            code, club = self.chance.choice(self.codes), self.club
            with connect(club.dsn) as conn, transaction(conn):
                use_code(conn, club.brand, club.timeline, code, now=club.now)

    def pause(self, _member: str) -> None:
        self.club.now += timedelta(hours=self.chance.randint(1, 20))

    def tidy(self, _member: str = "") -> None:
        club = self.club
        with connect(club.dsn) as conn:
            for number in range(20):
                with transaction(conn):
                    ended = end_claims(conn, club.brand, now=club.now, limit=2)
                with transaction(conn):
                    random = (self.steps * 1000 + number).to_bytes(10)
                    if (
                        not move_up(conn, club.brand, club.timeline, now=club.now, random=random)
                        and not ended
                    ):
                        return

    def keep(self, got: Got) -> None:
        self.codes += [got.code] if got.code else []


def lived(dsn: str, seed: int) -> set[str]:
    """What became of redemptions in one life, after its books were looked at."""
    club = club_of(dsn, REWARDS)
    club.earn(*PEOPLE, points=200)
    life = Life(club, seed)
    for _ in range(STEPS):
        life.step()
    life.tidy()

    rewards = [one for member in PEOPLE for one in club.seen(member).rewards]
    for name, stock in (("seat", 4), ("tote", 6)):
        those = [one for one in rewards if one.reward == name]
        taken = sum(one.taken for one in those if one.status in {*TAKEN, "held"})
        held = sum(one.open for one in those if one.status == "held")
        waiting = sum(one.status == "waiting" for one in those)
        assert club.taken(name) == (taken + held, waiting)
        assert taken + held <= stock
    assert club.is_true()
    return {one.status for one in rewards}


def test_what_is_counted_is_what_members_have(shared_database: str) -> None:
    statuses = {status for seed in (1, 2) for status in lived(shared_database, seed)}
    assert statuses >= {"taken", "held", "waiting", "cancelled", "ended"}
