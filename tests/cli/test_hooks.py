"""`bondfire hooks`: endpoints are made, listed and revoked, and no secret is ever printed."""

from pathlib import Path
from typing import Any

import pytest

from cli.conftest import Command, Shell


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A shop's secret in a file."""
    path = tmp_path / "secret.txt"
    path.write_text("shpss_1234567890\n")
    return path


def test_an_endpoint_is_made_listed_and_revoked(installed: Command, program: Path, secret: Path) -> None:
    installed("publish", program)
    brand = ("--brand", "corner-cafe")

    made = installed(
        "hooks", "add", *brand, "--shop", "shopify", "--name", "shop-de", "--secret-file", secret, "--json"
    )
    listed = installed("hooks", "list", *brand)
    revoked = installed("hooks", "revoke", "shop-de", *brand)
    after = installed("hooks", "list", *brand, "--json")

    path = str(made.json["path"])
    assert path.startswith("/v1/webhooks/shopify/")
    assert "shop-de" in listed.out
    assert path.rsplit("/", 1)[1] in listed.out.replace("\n", "").replace(" ", "")
    assert "takes nothing any more" in revoked.out
    listing: Any = after.json["hooks"]
    (hook,) = listing
    assert hook["revoked_at"]
    for ended in (made, listed, revoked, after):
        assert "shpss_" not in ended.out + ended.err


def test_a_second_secret_may_take_over_and_the_first_be_revoked(
    installed: Command, program: Path, secret: Path
) -> None:
    installed("publish", program)
    words = ("--brand", "corner-cafe", "--shop", "stripe", "--name", "pay", "--secret-file", secret)
    first: Any = installed("hooks", "add", *words, "--json").json
    secret.write_text("whsec_other_secret")
    both: Any = installed("hooks", "add", *words, "--json").json
    mark = first["secrets"][0]["mark"]

    left = installed("hooks", "revoke", "pay", "--brand", "corner-cafe", "--secret", mark)
    last = installed("hooks", "revoke", "pay", "--brand", "corner-cafe", "--secret", "00000000", "--json")

    assert (first["path"], len(both["secrets"])) == (both["path"], 2)
    assert mark in left.out
    assert (last.code, last.json["code"]) == (1, "unknown_secret")


def test_the_secret_is_read_from_stdin_where_no_process_list_shows_it(shell: Shell, program: Path) -> None:
    shell.run("publish", program)
    adding = shell.start(
        "hooks", "add", "--brand", "corner-cafe", "--shop", "shopify", "--name", "s", stdin=True
    )

    out, err = adding.communicate("shpss_1234567890\n", timeout=120)

    assert adding.returncode == 0, err
    assert "/v1/webhooks/shopify/" in out
    assert "shpss_" not in out + err


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("--shop shopfy --name s", "bad_shop"),
        ("--shop shopify --name Shop", "bad_name"),
        ("--shop shopify --name s --prefix a/b", "bad_prefix"),
        ("--shop shopify --name s --brand nobody", "no_program"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(
    installed: Command, secret: Path, *, program: Path, typed: str, code: str
) -> None:
    installed("publish", program)
    words = typed.split()
    brand = [] if "--brand" in words else ["--brand", "corner-cafe"]

    ended = installed("hooks", "add", *words, *brand, "--secret-file", secret, "--json")

    assert (ended.code, ended.json["code"]) == (1, code)
    assert ended.json["next_step"]
    assert installed("hooks", "list", "--brand", "corner-cafe", "--json").json == {"hooks": []}


def test_a_secret_file_that_is_not_there_is_said(installed: Command, program: Path, tmp_path: Path) -> None:
    installed("publish", program)
    words = ("--brand", "corner-cafe", "--shop", "shopify", "--name", "s")

    ended = installed("hooks", "add", *words, "--secret-file", tmp_path / "none", "--json")

    assert ended.code == 1
    assert "none" in str(ended.json)
