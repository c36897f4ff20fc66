"""The page for receivers says what is true: its code verifies what we send, its numbers are ours."""

import json
import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from bondfire.kit import member_id_of, show_id
from bondfire.webhooks import TYPES
from bondfire.webhooks.gateways import TIMEOUT_S
from bondfire.webhooks.jobs import HANDS_EACH
from bondfire.webhooks.leases.model import LEASE, RANGES
from bondfire.webhooks.model import (
    DELAYS,
    DISABLE_AFTER,
    FIRST_REST,
    KEPT_FOR,
    LONGEST_REST,
    LONGEST_WAIT,
    MOST_ENDPOINTS,
    headers_of,
    show_secret,
)
from bondfire.webhooks.payloads import MOST_ENTRIES

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "webhooks.md").read_text(encoding="utf-8")
SECRET = bytes(range(32))
BODY = '{"name": "Ä ☃"}'.encode()


def code(language: str, name: str) -> str:
    """The block of the page that defines something."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return next(str(block) for block in blocks if name in block)


def defined(name: str) -> Callable[..., Any]:
    """What a Python block of the page defines."""
    names: dict[str, Any] = {}
    exec(code("python", f"def {name}("), names)
    return names[name]  # type: ignore[no-any-return]


def headers(*, age: timedelta = timedelta(), secret: bytes = SECRET) -> dict[str, str]:
    return headers_of([bytes(32), secret], "msg_1", datetime.now(UTC) - age, BODY)


def by_python(headers: dict[str, str], body: bytes) -> bool:
    try:
        defined("verify")(show_secret(SECRET), headers, body)
    except ValueError:
        return False
    return True


def by_node(headers: dict[str, str], body: bytes) -> bool:
    if which("node") is None:
        pytest.skip("LOUD: node is not on this machine; CI has it and runs this test")
    asked = (
        f"{code('js', 'function verify(')}\n"
        f"verify({json.dumps(show_secret(SECRET))}, {json.dumps(headers)}, "
        f"Buffer.from({json.dumps(body.hex())}, 'hex'));"
    )
    return subprocess.run(["node", "-e", asked], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("verifies", [by_python, by_node])
def test_the_code_of_the_page_takes_what_is_ours_and_nothing_else(
    verifies: Callable[[dict[str, str], bytes], bool],
) -> None:
    assert verifies(headers(), BODY)
    assert not verifies(headers(), BODY + b" ")
    assert not verifies(headers() | {"webhook-id": "msg_2"}, BODY)
    assert not verifies(headers(secret=bytes(31) + b"x"), BODY)
    assert not verifies(headers(age=timedelta(minutes=6)), BODY)
    assert not verifies(headers(age=timedelta(minutes=-6)), BODY)


def test_a_member_id_can_be_made_as_the_page_says() -> None:
    assert defined("member_id")("kaminrot", "c-ä") == show_id("mem", member_id_of("kaminrot", "c-ä"))


def test_the_page_names_every_type_and_its_schema() -> None:
    for name in (*TYPES.values(), "webhook.test"):
        assert f"| `{name}` |" in PAGE
        assert f"(schemas/webhooks/{name}.json)" in PAGE


def test_the_numbers_of_the_page_are_ours() -> None:
    hours = "".join(f", {delay // timedelta(hours=1)} h" for delay in DELAYS[3:-1])
    words = (
        f"after 5 s, 5 min, 30 min{hours} and {DELAYS[-1] // timedelta(hours=1)} h",
        f"within {TIMEOUT_S:g} seconds",
        f"{FIRST_REST.seconds} s, then twice as long each time up to {LONGEST_REST.seconds // 60} min",
        f"({LONGEST_WAIT // timedelta(hours=1)} h at most)",
        f"nothing for {DISABLE_AFTER.days} days is disabled",
        f"kept for {KEPT_FOR.days} days",
        f"At most {MOST_ENTRIES} entries",
        f"has {MOST_ENDPOINTS} endpoints at most",
        f"{HANDS_EACH} messages are under way",
        f"{RANGES} ranges",
        f"after {LEASE.seconds} seconds",
    )

    page = " ".join(PAGE.split())
    assert [one for one in words if one not in page] == []
    assert [delay.total_seconds() for delay in DELAYS[:3]] == [5, 300, 1800]
