"""A tiny oracle of outgoing webhooks: who must have heard what, in which order, and when at the earliest."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bondfire.webhooks import Answer

MINUTES = (5 / 60, 5, 30, 120, 300, 600, 840, 1200, 1440)
"""Of the specification's table, between one attempt and the next."""
LONGEST_REST = timedelta(minutes=15)
FAILS_FOR = timedelta(days=5)
KEPT_FOR = timedelta(days=30)
TIDIES_EVERY = timedelta(hours=1)


@dataclass
class Item:
    """One announcement for one endpoint."""

    event: str
    type: str
    created_at: datetime
    state: str = "waiting"
    tries: int = 0
    done_at: datetime | None = None


@dataclass
class Line:
    """What one endpoint hears of one member, in order.

    Attributes:
        due: when what waits first may be sent at the earliest, and when it must have been at the latest.
    """

    items: list[Item] = field(default_factory=list)
    due: tuple[datetime | None, datetime | None] = (None, None)

    @property
    def first(self) -> Item | None:
        """What waits first."""
        return next((item for item in self.items if item.state == "waiting"), None)

    def must_be_sent(self, now: datetime) -> bool:
        """Whether something should not wait any longer."""
        return self.first is not None and (self.due[1] is None or self.due[1] <= now)

    def resend(self, some: list[Item], now: datetime) -> None:
        """Let some wait again, and hurry."""
        for item in some:
            item.state, item.tries, item.done_at = "waiting", 0, None
        if some:
            self.due = (now, now)


@dataclass
class Ear:
    """An endpoint.

    Attributes:
        failing_since: at the earliest and, where that is known, at the latest: when one run brings good and
            bad answers, nobody says which of them came last.
    """

    types: list[str]
    state: str = "active"
    unheard: list[tuple[str, str, str]] = field(default_factory=list)
    lines: dict[str, Line] = field(default_factory=dict)
    strikes: int = 0
    rests_until: datetime | None = None
    failing_since: tuple[datetime | None, datetime | None] = (None, None)
    answers: list[Answer] = field(default_factory=list)

    def listen(self, now: datetime) -> None:
        """Take what was announced, as a worker does first of all."""
        if self.state == "active":
            for member, event, type_ in self.unheard:
                if not self.types or type_ in self.types:
                    line = self.lines.setdefault(member, Line())
                    if line.first is None:
                        line.due = (None, None)
                    line.items.append(Item(event, type_, now))
            self.unheard.clear()

    def tidy(self, now: datetime) -> None:
        """Forget what was done long ago."""
        for line in self.lines.values():
            line.items = [
                item for item in line.items if item.done_at is None or now - item.done_at <= KEPT_FOR
            ]
        self.lines = {member: line for member, line in self.lines.items() if line.items}

    def complaint(self, member: str, event: str, now: datetime) -> str:
        """What is wrong with sending this now; "" for nothing."""
        line = self.lines.get(member, Line())
        first = line.first
        if self.state != "active":
            return f"{event} sent to an endpoint that is {self.state}"
        if self.rests_until is not None and now < self.rests_until and not self.answers:
            return f"{event} sent at {now} to an endpoint that rests until {self.rests_until}"
        if first is None or first.event != event:
            return f"{event} of {member} sent, but it is the turn of {first and first.event}"
        if line.due[0] is not None and now < line.due[0]:
            return f"{event} sent at {now}, not due before {line.due[0]}"
        return ""

    def take(self, member: str, answer: Answer, now: datetime) -> None:
        """What follows for the delivery from an answer."""
        line = self.lines[member]
        item = line.first
        assert item is not None
        item.tries += 1
        line.due = (None, None)
        self.answers.append(answer)
        if answer.status == 200:
            item.state, item.done_at = "delivered", now
        elif item.tries > len(MINUTES):
            item.state, item.done_at = "given_up", now
        else:
            delay = timedelta(minutes=MINUTES[item.tries - 1])
            asked = timedelta(seconds=int(answer.retry_after or 0))
            line.due = (now + max(delay, asked), now + max(delay * 1.2, asked))

    def fare(self, now: datetime) -> set[str]:
        """What follows for the endpoint from all answers of a run; the states it may be in."""
        answers, self.answers = self.answers, []
        if any(one.status in {None, 429} for one in answers):
            self.strikes += 1
            rest = min(timedelta(seconds=5 * 2 ** min(self.strikes - 1, 10)), LONGEST_REST)
            asked = max(timedelta(seconds=int(one.retry_after or 0)) for one in answers)
            self.rests_until = now + max(rest, asked)
        elif answers:
            self.strikes, self.rests_until = 0, None
        good = any(one.status == 200 for one in answers)
        bad = any(one.status != 200 for one in answers)
        if good:
            self.failing_since = (now, None) if bad else (None, None)
        elif bad:
            earliest, latest = self.failing_since
            self.failing_since = (earliest or now, latest or now)
        if any(one.status == 410 for one in answers):
            return {"disabled"}
        may, must = (bad and since is not None and now - since >= FAILS_FOR for since in self.failing_since)
        return {"disabled"} if must else {self.state, "disabled"} if may else {self.state}
