"""`bondfire simulate` tries a programme without a server, and its JSON is a contract."""

from pathlib import Path

from cli.conftest import Command


def test_the_json_has_the_published_shape(bondfire: Command, program: Path, events: Path) -> None:
    ended = bondfire("simulate", program, events, "--json")

    assert ended.code == 0
    assert list(ended.json) == ["digest", "members", "program", "refused"]
    assert ended.json["members"] == {
        "c-17": {
            "wallets": {
                "beans": {
                    "active": "60",
                    "pending": "0",
                    "held": "0",
                    "spent": "0",
                    "expired": "0",
                    "debt": "0",
                    "lots": [
                        {
                            "amount": "60",
                            "available_at": "2026-04-11T23:59:59Z",
                            "expires_at": "2027-04-11T23:59:59Z",
                        }
                    ],
                },
                "status": {
                    "active": "60",
                    "pending": "0",
                    "held": "0",
                    "spent": "0",
                    "expired": "0",
                    "debt": "0",
                    "lots": [{"amount": "60", "available_at": "2026-03-29T00:59:59Z", "expires_at": None}],
                },
            },
            "tiers": {"club": "basic"},
        }
    }
    refused = ended.json["refused"]
    assert isinstance(refused, list)
    assert [one["code"] for one in refused] == ["unknown_type", "not_enough"]
    assert "row 2" in refused[0]["message"]


def test_people_read_a_summary(bondfire: Command, program: Path, events: Path) -> None:
    ended = bondfire("simulate", program, events)

    assert "Members: 1" in ended.out
    assert "beans" in ended.out
    assert "gold" in ended.out
    assert "s-1: 600 beans were asked for, but 60 can be spent." in ended.err
    assert "1 row could not be read" in ended.err


def test_rows_that_cannot_be_read_are_written_where_asked(
    bondfire: Command, program: Path, events: Path, tmp_path: Path
) -> None:
    rejects = tmp_path / "rejects.ndjson"

    ended = bondfire("simulate", program, events, "--rejects", rejects)

    assert ended.code == 0
    assert len(rejects.read_text().splitlines()) == 1
    assert "order.placed" in rejects.read_text()


def test_time_can_be_let_pass_further_than_the_events(bondfire: Command, program: Path, events: Path) -> None:
    ended = bondfire("simulate", program, events, "--until", "2028-01-01T00:00:00Z", "--json")

    program_totals = ended.json["program"]
    assert isinstance(program_totals, dict)
    assert program_totals["beans"]["expired"] == "60"


def test_a_time_without_offset_is_refused(bondfire: Command, program: Path, events: Path) -> None:
    ended = bondfire("simulate", program, events, "--until", "2028-01-01T00:00:00")

    assert ended.code == 1
    assert "has no offset from UTC" in ended.err


def test_a_broken_programme_is_refused_with_its_places(
    bondfire: Command, program: Path, events: Path
) -> None:
    program.write_text(program.read_text().replace("event.total", "event.totl"))

    ended = bondfire("simulate", program, events, "--json")

    assert ended.code == 1
    assert ended.json["code"] == "bad_program"
    errors = ended.json["errors"]
    assert isinstance(errors, list)
    assert errors[0]["line"] == 16


def test_a_format_that_nobody_reads_is_refused(bondfire: Command, program: Path, tmp_path: Path) -> None:
    (tmp_path / "events.docx").write_text("")

    ended = bondfire("simulate", program, tmp_path / "events.docx")

    assert ended.code == 1
    assert ".parquet" in ended.err
