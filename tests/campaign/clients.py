"""Clients that send the same again until they are answered, and remember every answer."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition, Event
from typing import Any

import httpx2

from campaign.shop import Call, Raw, Shop

Identity = tuple[str, str]
"""Member and id of an event; the id names its till."""

HUNG_S = 120.0
"""Nobody waits so long for anything here; who does has been forgotten."""


def identity_of(event: Raw) -> Identity:
    """What makes an event the same."""
    return event["member"], event["id"]


class Doors:
    """Where the API answers at the moment; who finds nobody waits until somebody is there again."""

    def __init__(self) -> None:
        self._urls: list[str] = []
        self._changed = Condition()

    def open(self, url: str) -> None:
        """A server answers here."""
        with self._changed:
            self._urls.append(url)
            self._changed.notify_all()

    def close(self, url: str) -> None:
        """It answers no more."""
        with self._changed:
            self._urls.remove(url)

    def any(self, choose: Callable[[list[str]], str]) -> str:
        """One of those that answer."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._urls, HUNG_S), "no server came back"
            return choose(self._urls)


@dataclass
class Acknowledged:
    """What all clients together were told.

    Attributes:
        events: each event as it was sent, and everything that was answered to it.
        changes: the acknowledged changes in the order of each till, with how it was answered.
        met: how often something went wrong on the way, by what it was.
        answers: how many requests were answered.
    """

    events: dict[Identity, tuple[Raw, list[Raw]]] = field(default_factory=dict)
    changes: list[tuple[Call, bytes]] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)
    answers: int = 0
    is_broken: bool = False
    _changed: Condition = field(default_factory=Condition)

    def take(self, call: Call, answer: httpx2.Response) -> None:
        """Remember an answer, and wake who waits for it."""
        with self._changed:
            if call.change is not None:
                self.changes.append((call, answer.content))
            for event, told in zip(call.events, _told(answer), strict=True):
                self.events.setdefault(identity_of(event), (event, []))[1].append(told)
            self.answers += 1
            self._changed.notify_all()

    def told(self) -> str:
        """How it went, in a line."""
        firsts = [answers[0] for _, answers in self.events.values()]
        again = sum(bool(one.get("duplicate")) or one["outcome"] == "duplicate" for one in firsts)
        return (
            f"{self.answers} answers to {len(self.events)} events and {len(self.changes)} changes; "
            f"{again} events were kept before an answer came through; on the way: {dict(self.met)}"
        )

    def meet(self, what: str) -> None:
        """Count what went wrong on the way."""
        with self._changed:
            self.met[what] += 1

    def wait_for(self, more: int) -> None:
        """Until so many more requests were answered."""
        with self._changed:
            enough = self.answers + more
            woken = self._changed.wait_for(lambda: self.is_broken or self.answers >= enough, HUNG_S)
            assert woken, "nobody was answered any more"

    @contextmanager
    def breaking(self) -> Iterator[None]:
        """Nobody waits for a client that gave up."""
        try:
            yield
        except BaseException:
            with self._changed:
                self.is_broken = True
                self._changed.notify_all()
            raise


def _told(answer: httpx2.Response) -> list[Raw]:
    """What was answered to each event: a batch has rows, one alone a decision, a change neither."""
    body: Any = json.loads(answer.content)
    if "results" in body:
        return list(body["results"])
    if "entries" in body:
        return [body]
    return [body["decision"]] if "decision" in body else []


class Client:
    """One till and its line."""

    def __init__(self, shop: Shop, doors: Doors, heard: Acknowledged, token: str) -> None:
        self.shop = shop
        self.doors = doors
        self.heard = heard
        self.headers = {"Authorization": f"Bearer {token}"}

    def run(self, closing: Event) -> None:
        """Send until it is closing time; what was begun is brought to its end."""
        with self.heard.breaking(), httpx2.Client(headers=self.headers, timeout=HUNG_S) as line:
            while not closing.is_set():
                call = self.shop.next_call()
                for _ in range(2 if self.shop.chance.random() < 0.2 else 1):
                    self.heard.take(call, self.send(line, call))

    def send(self, line: httpx2.Client, call: Call) -> httpx2.Response:
        """The same again, until somebody says what became of it."""
        while True:
            url = self.doors.any(self.shop.chance.choice) + call.path
            try:
                answer = line.request(call.method, url, content=call.body, headers=call.headers)
            except httpx2.TimeoutException:
                raise
            except httpx2.TransportError as error:
                self.heard.meet(type(error).__name__)
                continue
            if is_final(answer):
                return answer
            self.heard.meet(f"{answer.status_code} {json.loads(answer.content)['code']}")


def is_final(answer: httpx2.Response) -> bool:
    """Whether the question is settled; False when the answer is to come again.

    A refusal with its decision settles it; whatever else may be said breaks the promise of the API.
    """
    if answer.is_success:
        return True
    said = json.loads(answer.content)
    if answer.status_code == 503 or said["code"] == "request_in_progress":
        return False
    assert said.get("decision"), f"answered {answer.status_code}: {said}"
    return True
