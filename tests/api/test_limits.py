"""Bodies: packed or plain, each up to the limit of its route, and never more of it in memory."""

import gzip
import json
import tracemalloc
import zlib
from functools import cache

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.conftest import CAFE, Door
from bondfire.api.bodies import DEEPEST, is_too_deep
from bondfire.api.examples import ORDER

GZIP = {"Content-Encoding": "gzip"}
PLACES = [
    ("POST", "/v1/events", ORDER, 200),
    ("POST", "/v1/events/batch", [ORDER], 200),
    ("PUT", "/v1/members/c-17/profile", {"name": "Ann"}, 200),
    ("PUT", "/v1/members/c-17/aliases", {"kind": "card", "value": "7004"}, 200),
]


@cache
def bomb() -> bytes:
    """A gzip file of 900 MB of zeros: a thousandth of their size."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(1_000_000)) for _ in range(900)) + packer.flush()


@pytest.mark.parametrize(("method", "path", "body", "status"), PLACES)
@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP"])
def test_every_body_may_be_packed(
    cafe: Door, *, method: str, path: str, body: object, status: int, coding: str
) -> None:
    headers = {**cafe.key("admin"), "Content-Encoding": coding, "Content-Type": "application/json"}

    answer = cafe.client.request(
        method, path, content=gzip.compress(json.dumps(body).encode()), headers=headers
    )

    assert answer.status_code == status, answer.text


def test_a_programme_may_be_packed_too(door: Door) -> None:
    packed = gzip.compress(CAFE.format(brand="corner-cafe").encode())

    answer = door.client.post("/v1/programs", content=packed, headers={**door.key("admin"), **GZIP})

    assert answer.status_code == 201


def test_a_packed_request_is_the_same_as_the_plain_one(door: Door) -> None:
    headers = {**door.key("admin"), "Idempotency-Key": "one"}
    plain = CAFE.format(brand="corner-cafe").encode()

    first = door.client.post("/v1/programs", content=plain, headers=headers)
    again = door.client.post("/v1/programs", content=gzip.compress(plain), headers={**headers, **GZIP})

    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize(
    "path",
    ["/v1/events", "/v1/events/batch", "/v1/programs", "/v1/programs/check", "/v1/members/c-17/consents"],
)
def test_a_gzip_bomb_is_refused_before_it_is_unpacked(door: Door, path: str) -> None:
    headers = {**door.key("admin"), **GZIP}
    assert len(bomb()) < 900_000
    tracemalloc.start()

    answer = door.client.post(path, content=bomb(), headers=headers)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert peak < 40_000_000


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"plain", "damaged"),
        (gzip.compress(b"{}")[:-3], "ends too early"),
        (gzip.compress(b"{}") + b"rest", "damaged"),
        (gzip.compress(b"{}")[:-8] + bytes(8), "damaged"),
        (gzip.compress(b"") * 101, "more than 100 files"),
        (zlib.compress(b"{}"), "damaged"),
    ],
    ids=["plain", "cut", "followed", "changed", "many", "deflate"],
)
def test_what_is_not_gzip_although_it_says_so_is_refused(cafe: Door, body: bytes, said: str) -> None:
    answer = cafe.client.post("/v1/events", content=body, headers={**cafe.key("admin"), **GZIP})

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_gzip")
    assert said in answer.json()["detail"]


def test_a_gzip_file_of_several_members_is_one_body(cafe: Door) -> None:
    text = json.dumps(ORDER).encode()
    packed = gzip.compress(text[:40]) + gzip.compress(b"") + gzip.compress(text[40:])

    answer = cafe.client.post("/v1/events", content=packed, headers={**cafe.key("admin"), **GZIP})

    assert answer.status_code == 200


@pytest.mark.parametrize("coding", ["br", "deflate", "zstd", "gzip, gzip", "gzip,br", "\xe9"])
def test_another_coding_is_told_which_is_understood(cafe: Door, coding: str) -> None:
    headers = httpx2.Headers({**cafe.key("admin"), "Content-Encoding": coding}, encoding="latin-1")

    answer = cafe.client.post("/v1/events", content=b"{}", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_encoding")
    assert answer.headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("path", "most"),
    [("/v1/events", 1_000_000), ("/v1/events/batch", 10_000_000), ("/v1/programs", 1_000_000)],
)
def test_each_route_has_its_limit(cafe: Door, path: str, most: int, *, packed: bool) -> None:
    headers = {**cafe.key("admin"), **(GZIP if packed else {})}

    def status(size: int) -> int:
        body = b"#" * size
        sent = gzip.compress(body, 1) if packed else body
        return cafe.client.post(path, content=sent, headers=headers).status_code

    assert (status(most), status(most + 1)) == (422, 413)


def test_what_a_header_promises_is_believed_only_when_it_is_too_much(cafe: Door) -> None:
    headers = {**cafe.key("admin"), "Content-Length": "9" * 30}

    answer = cafe.client.post("/v1/events", content=b"{}", headers=headers)

    assert answer.status_code == 413


def nested(levels: int) -> str:
    return '{"a":' * levels + "1" + "}" * levels


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/events"), ("PUT", "/v1/members/c-17/profile")])
@pytest.mark.parametrize("text", [nested(33), nested(100_000), "[" * 900_000, '{"data":' + nested(40) + "}"])
def test_json_that_is_nested_beyond_all_use_is_refused(cafe: Door, method: str, path: str, text: str) -> None:
    headers = {**cafe.key("admin"), "Content-Type": "application/json"}

    answer = cafe.client.request(method, path, content=text, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (422, "too_deep")


def test_a_row_that_is_nested_too_deep_does_not_stop_the_others(cafe: Door) -> None:
    rows = json.dumps([{**ORDER, "metadata": json.loads(nested(40))}, ORDER])
    headers = {**cafe.key("admin"), "Content-Type": "application/json"}

    answer = cafe.client.post("/v1/events/batch", content=rows, headers=headers)

    assert [(one["outcome"], one["code"]) for one in answer.json()["results"]] == [
        ("malformed", "too_deep"),
        ("accepted", None),
    ]


TEXTS = st.text() | st.sampled_from(['"[{', "\\", '\\"[[[', "]]}}", '\n"'])
VALUES = st.recursive(
    TEXTS | st.none() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=60,
)


def depth_of(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth_of, inner), default=0)


@settings(deadline=None)
@given(value=VALUES, levels=st.integers(0, DEEPEST + 2), escaped=st.booleans())
def test_nesting_is_told_from_brackets_in_texts(value: object, *, levels: int, escaped: bool) -> None:
    for _ in range(levels):
        value = [value]
    text = json.dumps(value, ensure_ascii=escaped).encode("utf-8", "replace")

    assert is_too_deep(text) == (depth_of(value) > DEEPEST)


def test_brackets_in_texts_are_no_nesting(door: Door) -> None:
    profile = {"name": "[{" * 50, "data": {'\\"[[[[': ["[" * 100] * 10}}

    answer = door.client.put("/v1/members/c-17/profile", json=profile, headers=door.key("members:write"))

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"name": "a", "name": "b"}', "duplicate_key"),
        (b'{"data": {"a": 1, "a": 2}}', "duplicate_key"),
        (b'{"data": {"a": NaN}}', "bad_json"),
        (b'{"data": {"a": -Infinity}}', "bad_json"),
        (b'{"name": "\xff"}', "bad_json"),
        (b'{"data": {"a": ' + b"9" * 5_000 + b"}}", "bad_json"),
        (b'\xef\xbb\xbf{"name": "a"}', "bad_json"),
        ('{"name": "a"}'.encode("utf-16"), "bad_json"),
    ],
)
def test_json_is_read_strictly_by_every_route(door: Door, body: bytes, code: str) -> None:
    headers = {**door.key("members:write", "members:read"), "Content-Type": "application/json"}

    answer = door.client.put("/v1/members/c-17/profile", content=body, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    stored = door.client.get("/v1/members/c-17/profile", headers=headers).json()
    assert (stored["name"], stored["data"]) == (None, {})
