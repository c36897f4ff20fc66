"""All SQL is read here: the shared subset, one bucket a statement, kinds of tables, constants in stores."""

import pytest

from house.source import Module, module_of, product
from house.sql_rules import badly_declared, forbidden, outside_a_bucket, tables_of, unreadable
from house.sql_source import Statement, statements_in

MIGRATIONS = "src/bondfire/db/migrations/"
TABLES = """
CREATE TABLE lot (
    brand_id int, bucket int, lot_id bigint, amount numeric NOT NULL, PRIMARY KEY (brand_id, bucket, lot_id)
)
"""
OTHERS = (
    "COMMENT ON TABLE lot IS 'bucketed: what one earning put into a wallet'",
    "CREATE TABLE brand (brand_id int PRIMARY KEY, name text UNIQUE)",
    "COMMENT ON TABLE brand IS 'reference: whose programmes these are'",
)


def of_migrations(modules: tuple[Module, ...]) -> list[Statement]:
    return [one for module in modules if module.path.startswith(MIGRATIONS) for one in statements_in(module)]


def of_stores(modules: tuple[Module, ...]) -> list[Statement]:
    return [one for module in modules if module.name == "store" for one in statements_in(module)]


def misplaced(modules: tuple[Module, ...]) -> list[str]:
    """SQL outside stores and `db`, and SQL in a store that is not a constant with a name."""
    return [
        f"{one.where} {one.text.split()[:3]} stands {'nameless' if module.name == 'store' else 'outside'}"
        for module in modules
        if module.folder != "db"
        for one in statements_in(module)
        if module.name != "store" or not one.constant
    ]


def made_of(*statements: str) -> list[Statement]:
    return [Statement(f"line {number}", "CONSTANT", text) for number, text in enumerate(statements, 1)]


def test_all_sql_can_be_read() -> None:
    assert [
        why for one in (*of_migrations(product()), *of_stores(product())) for why in unreadable(one)
    ] == []


def test_sql_stands_in_named_constants_of_stores() -> None:
    assert misplaced(product()) == []


def test_nothing_is_used_that_the_shared_subset_lacks() -> None:
    everything = (*of_migrations(product()), *of_stores(product()))
    assert [why for one in everything for why in forbidden(one)] == []


def test_every_table_says_its_kind_and_bucketed_keys_start_with_the_bucket() -> None:
    assert badly_declared(tables_of(of_migrations(product()))) == []


def test_every_statement_on_a_bucketed_table_names_its_bucket() -> None:
    tables = tables_of(of_migrations(product()))
    assert [why for one in of_stores(product()) for why in outside_a_bucket(one, tables)] == []


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TRIGGER t BEFORE INSERT ON lot EXECUTE FUNCTION f()",
        "MERGE INTO lot USING other ON true WHEN MATCHED THEN DELETE",
        "LOCK TABLE lot",
        "ALTER TABLE lot ADD CONSTRAINT c UNIQUE (a) DEFERRABLE",
        "SELECT pg_advisory_xact_lock(1)",
        "NOTIFY lots, 'x'",
        "UPDATE lot SET at = now() WHERE bucket = 1",
        "SELECT current_timestamp",
        "SELECT nextval('lots')",
        "CREATE TABLE t (id bigserial PRIMARY KEY)",
        "CREATE TABLE t (amount double precision)",
    ],
)
def test_the_check_finds_what_is_forbidden(text: str) -> None:
    assert forbidden(made_of(text)[0])


def test_words_in_strings_are_not_statements() -> None:
    assert forbidden(made_of("SELECT 'now() and a trigger' FROM lot -- nextval\n")[0]) == []
    assert forbidden(made_of("INSERT INTO lot (a) VALUES (%s) ON CONFLICT (a) DO UPDATE SET a = 1")[0]) == []


def test_the_check_finds_what_cannot_be_read() -> None:
    assert unreadable(made_of("SELECT FROM WHERE (")[0])
    assert unreadable(made_of("SELECT 1; SELECT 2")[0])


def test_the_check_finds_tables_without_a_kind_and_keys_without_a_bucket() -> None:
    unkind = badly_declared(tables_of(made_of(TABLES)))
    assert unkind == ["line 1 lot: no COMMENT that says bucketed or reference or local"]
    bad = made_of(
        TABLES,
        *OTHERS,
        "CREATE TABLE hold (hold_id bigint PRIMARY KEY, lot_id bigint, brand_id int REFERENCES brand, "
        "UNIQUE (lot_id), FOREIGN KEY (lot_id) REFERENCES lot (lot_id))",
        "COMMENT ON TABLE hold IS 'bucketed: what is reserved'",
        "CREATE UNIQUE INDEX by_amount ON lot (brand_id, amount)",
    )
    assert [why.split(": ")[1].split(")")[0] for why in badly_declared(tables_of(bad))] == [
        "key (brand_id, amount",
        "key (hold_id",
        "key (lot_id",
        "key (lot_id",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT amount FROM lot WHERE brand_id = %s AND bucket = %(bucket)s FOR UPDATE",
        "SELECT amount FROM lot WHERE bucket = ANY(%s)",
        "SELECT 1 FROM unnest(%s::int[]) u (b), LATERAL (SELECT 1 FROM lot x WHERE x.bucket = u.b LIMIT 1) l",
        "SELECT 1 FROM lot a JOIN lot b USING (brand_id, bucket) WHERE a.bucket = 1",
        "UPDATE lot l SET amount = u.a FROM unnest(%s::int[], %s::numeric[]) u (b, a) WHERE l.bucket = u.b",
        "DELETE FROM lot WHERE (brand_id, bucket, lot_id) IN (SELECT 1, 2, 3)",
        "INSERT INTO lot (brand_id, bucket, lot_id) VALUES (%s, %s, %s) ON CONFLICT (brand_id) DO NOTHING",
        "COPY lot (brand_id, bucket, lot_id) FROM STDIN (FORMAT BINARY)",
        "WITH due AS (SELECT lot_id FROM lot WHERE bucket = 1) SELECT * FROM due",
        "SELECT name FROM brand",
        "SELECT setting FROM pg_settings",
    ],
)
def test_statements_of_one_bucket_pass(text: str) -> None:
    assert outside_a_bucket(made_of(text)[0], tables_of(made_of(TABLES, *OTHERS))) == []


@pytest.mark.parametrize(
    "text",
    [
        "SELECT amount FROM lot WHERE brand_id = %s",
        "SELECT amount FROM lot WHERE bucket = %s OR brand_id = 1",
        "SELECT amount FROM lot WHERE bucket > 5",
        "SELECT 1 FROM lot a JOIN lot b ON a.lot_id = b.lot_id WHERE a.bucket = 1",
        "SELECT 1 FROM brand WHERE EXISTS (SELECT 1 FROM lot WHERE lot.brand_id = brand.brand_id)",
        "UPDATE lot SET amount = 0",
        "DELETE FROM lot WHERE lot_id = 1",
        "INSERT INTO lot (brand_id, lot_id) VALUES (1, 2)",
        "INSERT INTO lot VALUES (1, 2, 3)",
        "COPY lot (lot_id) FROM STDIN",
        "INSERT INTO lot (brand_id, bucket) VALUES (1, 2) ON CONFLICT (lower(name)) DO NOTHING",
        "WITH due AS (SELECT lot_id FROM lot) SELECT * FROM due",
        "SELECT 1 FROM lots WHERE bucket = 1",
    ],
)
def test_the_check_finds_statements_outside_a_bucket(text: str) -> None:
    tables = tables_of(made_of(TABLES, *OTHERS))
    assert len(outside_a_bucket(made_of(text)[0], tables)) == 1


def test_reports_may_read_every_bucket() -> None:
    report = Statement("line 1", "_REPORT_TOTALS", "SELECT sum(amount) FROM lot")
    assert outside_a_bucket(report, tables_of(made_of(TABLES, *OTHERS))) == []


def test_sql_is_found_wherever_it_stands() -> None:
    store = module_of(
        'COLUMNS = "lot_id, amount"\nREAD: Final = f"SELECT {COLUMNS} FROM lot "\n'
        'ALL = SQL(READ + "WHERE bucket = 1")\n'
        'def loose(c):\n    """Select one thing."""\n    c.execute("SELECT 1 FROM lot WHERE bucket = 2")\n',
        "src/bondfire/ledger/store.py",
    )
    assert [(one.constant, one.text) for one in statements_in(store)] == [
        ("READ", "SELECT lot_id, amount FROM lot "),
        ("ALL", "SELECT lot_id, amount FROM lot WHERE bucket = 1"),
        ("", "SELECT 1 FROM lot WHERE bucket = 2"),
    ]
    assert len(misplaced((store,))) == 1
    assert len(misplaced((store._replace(path="src/bondfire/ledger/model.py"),))) == 3
