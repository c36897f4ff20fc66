"""Settings: read once, refused by name, documented."""

import os
import re
from dataclasses import fields
from pathlib import Path

import pytest

from bondfire.errors import NotReady
from bondfire.settings import Settings, default_state_dir, read_settings

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"


def test_without_variables_everything_has_a_default() -> None:
    settings = read_settings({"HOME": "/home/ann"})

    assert (settings.host, settings.port, settings.workers, settings.database_url) == (
        "127.0.0.1",
        8000,
        2,
        None,
    )
    assert settings.state_dir == default_state_dir({})


def test_variables_set_what_they_name() -> None:
    settings = read_settings(
        {
            "BONDFIRE_DATABASE_URL": "postgresql://shop@db/shop",
            "BONDFIRE_STATE_DIR": "/srv/bondfire",
            "BONDFIRE_HOST": "0.0.0.0",
            "BONDFIRE_PORT": "80",
            "BONDFIRE_WORKERS": "4",
            "BONDFIRE_LOG_LEVEL": "debug",
            "BONDFIRE_DATA": "/for/tests",
        }
    )

    assert settings == Settings(
        database_url="postgresql://shop@db/shop",
        state_dir=Path("/srv/bondfire"),
        host="0.0.0.0",
        port=80,
        workers=4,
        log_level="debug",
    )


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("BONDFIRE_PORT", "80a", "a whole number from 1 to 65535"),
        ("BONDFIRE_PORT", "0", "a whole number from 1 to 65535"),
        ("BONDFIRE_PORT", "99999999999999999999", "a whole number"),
        ("BONDFIRE_PORT", "٨", "a whole number"),
        ("BONDFIRE_WORKERS", "-1", "a whole number from 1 to 64"),
        ("BONDFIRE_LOG_LEVEL", "loud", "one of debug, info, warning, error"),
        ("BONDFIRE_STATE_DIR", "here", "an absolute path"),
        ("BONDFIRE_HOST", "", "a host name"),
        ("BONDFIRE_RATE_KEY_PER_MINUTE", "9999999999", "a whole number from 0 to 999999999"),
        ("BONDFIRE_RATE_KEY_BURST", "0", "a whole number from 1 to 999999999"),
        ("BONDFIRE_KEY_CACHE_SECONDS", "0000000001", "a whole number from 0 to 300"),
    ],
)
def test_a_bad_value_is_refused_with_its_name_and_what_to_do(
    variable: str, value: str, expected: str
) -> None:
    with pytest.raises(NotReady) as refusal:
        read_settings({variable: value})

    assert refusal.value.code == "bad_setting"
    assert f"{variable} is {value!r}, which is not {expected}" in refusal.value.message
    assert variable in refusal.value.next_step


def test_a_token_that_could_be_guessed_is_refused_and_not_shown() -> None:
    for token in ("short", "with a blank in it", "ümlaute-are-not-ascii", "x" * 201):
        with pytest.raises(NotReady, match="BONDFIRE_METRICS_TOKEN is secret, which is not 16 to") as refusal:
            read_settings({"BONDFIRE_METRICS_TOKEN": token})
        assert token not in str(refusal.value)
    assert read_settings({"BONDFIRE_METRICS_TOKEN": "x" * 16}).metrics_token == "x" * 16


def test_a_secret_value_is_not_shown() -> None:
    with pytest.raises(NotReady) as refusal:
        read_settings({"BONDFIRE_DATABASE_URL": "mysql://shop:hush@db/shop"})

    assert "BONDFIRE_DATABASE_URL" in refusal.value.message
    assert "hush" not in str(refusal.value)
    assert "hush" not in repr(Settings(database_url="postgresql://shop:hush@db/shop", state_dir=Path("/srv")))


def test_an_unknown_setting_is_refused_with_the_nearest() -> None:
    with pytest.raises(NotReady, match="There is no setting BONDFIRE_PROT") as refusal:
        read_settings({"BONDFIRE_PROT": "80"})

    assert refusal.value.code == "bad_setting"
    assert refusal.value.next_step.startswith("Did you mean BONDFIRE_PORT?")


def test_a_user_keeps_state_in_their_own_folder_and_root_in_the_systems() -> None:
    expected = "/var/lib/bondfire" if os.getuid() == 0 else "/home/ann/.state/bondfire"

    assert default_state_dir({"XDG_STATE_HOME": "/home/ann/.state"}) == Path(expected)


def test_the_page_names_each_setting_and_its_default() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE.read_text(), re.MULTILINE))

    assert list(rows) == [f"BONDFIRE_{each.name.upper()}" for each in fields(Settings)]
    for each in fields(Settings):
        row = rows[f"BONDFIRE_{each.name.upper()}"]
        assert each.metadata["meaning"] in row
        assert isinstance(each.default, str | int) <= (f"`{each.default}`" in row)
