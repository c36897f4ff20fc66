"""Tables of strangers are read strictly, and what is wrong is named by column and row."""

import gzip
from pathlib import Path

import pytest

from bondfire.insights import BadTable, id_columns, learn_encoder, load_table


def written(folder: Path, text: str, name: str = "t.csv") -> Path:
    path = folder / name
    raw = text.encode()
    path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    return path


def test_a_table_is_read_plain_and_gzipped(tmp_path: Path) -> None:
    text = '\ufeffid,name,"a, b"\n1,Ann,0.5\n2,"Bob\nby",\n'

    for name in ("t.csv", "t.csv.gz"):
        table = load_table(written(tmp_path, text, name))
        assert table.columns == {"id": ["1", "2"], "name": ["Ann", "Bob\nby"], "a, b": ["0.5", ""]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no header"),
        ("a,b\n", "has no rows"),
        ("a,a\n1,2\n", "names 'a' twice"),
        ("a,b\n1,2\n3\n", "row 3 has 1 cells, the header 2"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadTable) as refusal:
        load_table(written(tmp_path, text))
    assert said in str(refusal.value)


def test_names_of_rows_are_told_from_what_is_known_of_them(tmp_path: Path) -> None:
    rows = "".join(f"{n + 7},c{n},{n},{n % 5},{n / 7},{(n * 37) % 101}\n" for n in range(100))
    table = load_table(written(tmp_path, "user_id,mail,row,visits,spend,age\n" + rows))

    assert id_columns(table, table.columns) == ["user_id", "mail", "row"]
    assert learn_encoder(table, ["visits", "spend"]).names() == ["visits", "spend"]


def test_a_category_keeps_its_frequent_levels_and_blanks_are_one_of_them(tmp_path: Path) -> None:
    cells = ["web"] * 60 + ["shop"] * 30 + [""] * 9 + ["moon"]
    table = load_table(written(tmp_path, "channel,x\n" + "".join(f"{one},1\n" for one in cells)))

    encoder = learn_encoder(table, ["channel", "x"])

    assert encoder.names() == ["channel=", "channel=shop", "channel=web"]
    assert encoder.unseen(table) == {"channel": 1}
    assert encoder.encode(table)[-1].tolist() == [0, 0, 0]
