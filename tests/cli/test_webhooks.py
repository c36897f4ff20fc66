"""`bondfire webhooks`: endpoints, what was sent to them, and sending it again; the worker delivers."""

import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import httpx2
import pytest

from cli.conftest import Command, Shell
from webhooks.makers import Heard, Site, site

BRAND = ("--brand", "corner-cafe")


@pytest.fixture
def shop() -> Iterator[Site]:
    with site() as made:
        yield made


@pytest.fixture
def told(installed: Command, program: Path) -> Command:
    """The command line over a café without events."""
    installed("publish", program, "--clock", "events")
    return installed


def add(command: Command, url: str, *more: str) -> tuple[str, str]:
    """The id and the secret of a new endpoint."""
    made = command("webhooks", "add", url, *BRAND, *more, "--json").json
    return str(made["id"]), str(made["secret"])


def test_an_endpoint_is_made_listed_shown_changed_and_removed(told: Command) -> None:
    said = told("webhooks", "add", "https://shop.example/hooks", *BRAND, "--type", "points.posted")
    secret, sentence = said.out.splitlines()
    endpoint = str(told("webhooks", "list", *BRAND, "--json").json["endpoints"][0]["id"])  # type: ignore[index]

    assert secret.startswith("whsec_")
    assert endpoint in sentence
    assert "points.posted" in told("webhooks", "list", *BRAND).out
    shown = told("webhooks", "show", endpoint, *BRAND).out
    assert "active" in shown
    assert secret not in shown

    assert "disabled since" in told("webhooks", "change", endpoint, *BRAND, "--off").out
    assert "is active" in told("webhooks", "change", endpoint, *BRAND, "--on").out
    rotated = told("webhooks", "rotate", endpoint, *BRAND).out
    assert "signs too until" in rotated
    assert secret not in rotated
    assert "is removed" in told("webhooks", "remove", endpoint, *BRAND).out
    assert told("webhooks", "list", *BRAND, "--json").json == {"endpoints": []}


def test_the_worker_delivers_and_it_can_be_sent_again(told: Command, shop: Site, events: Path) -> None:
    endpoint, _ = add(told, shop.url, "--allow-private")
    told("import", events, *BRAND, "--workers", "1")

    worked = told("worker", "--once", "--json").json["webhooks"]
    listed = told("webhooks", "deliveries", *BRAND, "--json").json["deliveries"]
    assert isinstance(listed, list)
    assert worked == {"delivered": len(listed), "failed": 0, "given_up": 0}
    assert [one.id for one in shop.heard] == [one["id"] for one in reversed(listed)]
    assert {one.payload["type"] for one in shop.heard} == {"points.posted", "tier.reached", "tier.lost"}

    first = shop.heard[0].id
    shown = told("webhooks", "delivery", first, *BRAND)
    assert '"type": "points.posted"' in shown.out
    assert "204" in shown.out
    assert "delivered" in told("webhooks", "deliveries", *BRAND, "--member", "c-17").out

    for words, count in (
        ([first], 1),
        (["--member", "c-17"], len(listed)),
        (["--endpoint", endpoint, "--since", "2026-01-01T00:00:00Z"], len(listed)),
    ):
        shop.heard.clear()
        assert told("webhooks", "resend", *words, *BRAND, "--json").json == {"resent": count}
        assert f"{count} message" in told("worker", "--once").out
        assert len(shop.heard) == count


def test_the_worker_shows_what_became_of_messages_and_how_far_behind_it_is(
    shell: Shell, shop: Site, program: Path, events: Path
) -> None:
    """Given a receiver that refuses one message, when the worker has sent all, then its metrics say so."""
    token = "a-token-of-the-settings"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    shell.environment.update(BONDFIRE_WORKER_METRICS_PORT=str(port), BONDFIRE_METRICS_TOKEN=token)
    shell.run("publish", program, "--clock", "events")
    shell.run("webhooks", "add", shop.url, *BRAND, "--allow-private", "--type", "points.posted")
    shell.run("import", events, *BRAND, "--workers", "1")
    shop.server.answer = lambda _: (400 if len(shop.heard) == 1 else 204, {}, b"")

    working = shell.start("worker", "--every", "0.05")
    assert working.stderr is not None
    working.stderr.readline()
    told = ""
    while 'outcome="failed"} 1.0' not in told or 'rows{brand="corner-cafe"} 0.0' not in told:
        told = httpx2.get(
            f"http://127.0.0.1:{port}/metrics", headers={"Authorization": f"Bearer {token}"}
        ).text
    working.send_signal(signal.SIGINT)
    working.communicate(timeout=60)

    assert 'bondfire_webhook_messages_total{outcome="failed"} 1.0' in told
    assert 'bondfire_webhook_lag_seconds{brand="corner-cafe"}' in told
    assert 'bondfire_webhook_unheard_rows{brand="corner-cafe"} 0.0' in told


def test_an_endpoint_is_tried(told: Command, shop: Site) -> None:
    endpoint, _ = add(told, shop.url, "--allow-private")

    good = told("webhooks", "test", endpoint, *BRAND)
    shop.answers(500, b"oh")
    bad = told("webhooks", "test", endpoint, *BRAND)
    as_json = told("webhooks", "test", endpoint, *BRAND, "--json")

    assert (good.code, bad.code) == (0, 1)
    assert "HTTP 204" in good.out
    assert bad.out.endswith("oh\n")
    assert (as_json.json["delivered"], as_json.json["status"]) == (False, 500)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["add", "http://shop.example/"], 1, "Use https"),
        (["add", "https://10.0.0.1/"], 1, "--allow-private"),
        (["show", "ep_" + "a" * 26], 1, "no endpoint"),
        (["delivery", "msg_" + "a" * 26], 1, "no delivery"),
        (["resend"], 2, "Name one delivery"),
        (["resend", "msg_x", "--member", "c-17"], 2, "Name one delivery"),
        (["resend", "--since", "2026-01-01T00:00:00Z"], 1, "of an endpoint since a time"),
        (["rotate", "ep_" + "a" * 26, "--overlap-hours", "169"], 2, "168"),
        (["deliveries", "--state", "lost"], 2, "waiting"),
    ],
    ids=lambda value: " ".join(value)[:30] if isinstance(value, list) else "",
)
def test_what_cannot_be_is_said(told: Command, words: list[str], code: int, said: str) -> None:
    ended = told("webhooks", *words, *BRAND)

    assert ended.code == code
    assert said in ended.err
    assert told("webhooks", "list", *BRAND, "--json").json == {"endpoints": []}


def test_a_worker_that_is_ended_finishes_the_message_at_hand(
    shell: Shell, shop: Site, program: Path, events: Path
) -> None:
    """Given a receiver that thinks, when Ctrl-C comes meanwhile, then its answer is still written down."""
    shell.run("publish", program, "--clock", "events")
    shell.run("webhooks", "add", shop.url, *BRAND, "--allow-private")
    shell.run("import", events, *BRAND, "--workers", "1")
    came, may_go = Event(), Event()

    def think(_: Heard) -> tuple[int, dict[str, str], bytes]:
        came.set()
        may_go.wait(60)
        return 204, {}, b""

    shop.server.answer = think
    working = shell.start("worker", "--every", "0.05")
    assert came.wait(60)
    working.send_signal(signal.SIGINT)
    may_go.set()
    _, err = working.communicate(timeout=60)

    assert working.returncode == 130
    assert "1 message delivered" in err
    states = shell.run("webhooks", "deliveries", *BRAND, "--state", "delivered", "--json").json["deliveries"]
    assert isinstance(states, list)
    assert len(states) == len(shop.heard) == 1
