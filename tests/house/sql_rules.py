"""The SQL that PostgreSQL, Citus, YugabyteDB and CockroachDB share, and the rule of the bucket."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlglot import exp
from sqlglot.errors import SqlglotError

from house.sql_source import Statement

KINDS = ("bucketed", "reference", "local")
KEY = ["brand_id", "bucket"]
OF_THE_SYSTEM = ("pg_", "alembic_version", "information_schema")
FORBIDDEN = {
    r"\bTRIGGER\b": "triggers hide what happens",
    r"\b(FUNCTION|PROCEDURE|DO)\b(?! (UPDATE|NOTHING))": "no code lives in the database",
    r"^MERGE\b": "write INSERT ... ON CONFLICT",
    r"\bLOCK TABLE\b|^LOCK\b": "lock the bucket's head row",
    r"\bEXCLUDE\b(?!D)": "exclusion constraints do not scale out",
    r"\b(?<!NOT )DEFERRABLE\b": "deferred constraints do not scale out",
    r"\bPG_(TRY_)?ADVISORY\w*": "advisory locks hold on one node only",
    r"\bNOTIFY\b|\bLISTEN\b|\bPG_NOTIFY\b": "notifications reach one node only",
    r"\b(NOW|CLOCK_TIMESTAMP|STATEMENT_TIMESTAMP|TRANSACTION_TIMESTAMP|TIMEOFDAY) ?\(": "time is passed in",
    r"\bCURRENT_(TIMESTAMP|DATE|TIME)\b|\bLOCALTIME(STAMP)?\b": "time is passed in",
    r"\b(RANDOM|GEN_RANDOM_UUID|UUIDV7) ?\(": "chance is passed in",
    r"\bNEXTVAL\b|\b(BIG|SMALL)?SERIAL\b|\bAS IDENTITY\b": "numbers are counted per bucket",
    r"\bCTID\b": "rows are named by their keys",
    r"\b(FLOAT[48]?|REAL|DOUBLE PRECISION)\b": "value is numeric",
}


class Table(NamedTuple):
    """A table of the migrations: its kind, and the columns of each primary, unique and foreign key."""

    name: str
    kind: str
    where: str
    keys: list[list[str]]
    foreign: list[tuple[str, list[str]]]


def forbidden(statement: Statement) -> list[str]:
    """What the shared subset does not have, and what the house does not want."""
    text = statement.bare
    return [
        f"{statement.where} {match[0]}: {why}"
        for pattern, why in FORBIDDEN.items()
        if (match := re.search(pattern, text))
    ]


def unreadable(statement: Statement) -> list[str]:
    """A statement that sqlglot cannot read as one statement of PostgreSQL."""
    try:
        statement.parse()
    except SqlglotError as error:
        return [f"{statement.where} {str(error).splitlines()[0]}"]
    return []


def tables_of(migrations: Iterable[Statement]) -> dict[str, Table]:
    """Every table that the migrations make, with its kind from its comment ('' without one)."""
    tables: dict[str, Table] = {}
    for statement in migrations:
        tree = statement.parse()
        if isinstance(tree, exp.Create) and tree.kind == "TABLE":
            table = _table(tree, statement.where)
            tables[table.name] = table
        elif isinstance(tree, exp.Comment) and tree.args.get("kind") == "TABLE":
            name = tree.this.name
            kind = tree.expression.name.split(":")[0]
            if name in tables and kind in KINDS:
                tables[name] = tables[name]._replace(kind=kind)
        elif isinstance(tree, exp.Create) and tree.kind == "INDEX" and tree.args.get("unique"):
            index = tree.this
            tables[index.args["table"].name].keys.append(_indexed(index))
    return tables


def _indexed(index: exp.Expr) -> list[str]:
    columns = index.args["params"].args.get("columns") or []
    return [ordered.this.name for ordered in columns]


def _table(tree: exp.Create, where: str) -> Table:
    keys, foreign = [], []
    for part in tree.this.expressions if isinstance(tree.this, exp.Schema) else []:
        if isinstance(part, exp.ColumnDef):
            if part.find(exp.PrimaryKeyColumnConstraint, exp.UniqueColumnConstraint):
                keys.append([part.name])
            if reference := part.find(exp.Reference):
                foreign.append((_target(reference), [part.name]))
            continue
        keys += [_names(key) for key in part.find_all(exp.PrimaryKey, exp.UniqueColumnConstraint)]
        foreign += [(_target(key.args["reference"]), _names(key)) for key in part.find_all(exp.ForeignKey)]
    name = tree.this.this.name if isinstance(tree.this, exp.Schema) else tree.this.name
    return Table(name, "", where, keys, foreign)


def _names(key: exp.Expr) -> list[str]:
    columns = key.expressions or (key.this.expressions if isinstance(key.this, exp.Expr) else [])
    return [column.name for column in columns]


def _target(reference: exp.Expr) -> str:
    table = reference.find(exp.Table)
    return table.name if table else ""


def badly_declared(tables: dict[str, Table]) -> list[str]:
    """Tables without a kind, and keys of bucketed tables that do not start with brand and bucket."""
    complaints = []
    for table in tables.values():
        if not table.kind:
            complaints.append(f"{table.where} {table.name}: no COMMENT that says {' or '.join(KINDS)}")
        if table.kind != "bucketed":
            continue
        if not table.keys:
            complaints.append(f"{table.where} {table.name}: no primary key")
        reaching = [
            columns
            for target, columns in table.foreign
            if target not in tables or tables[target].kind != "reference"
        ]
        complaints += [
            f"{table.where} {table.name}: key ({', '.join(columns)}) does not start with brand_id, bucket"
            for columns in [*table.keys, *reaching]
            if columns[:2] != KEY
        ]
    return complaints


def outside_a_bucket(statement: Statement, tables: dict[str, Table]) -> list[str]:
    """What a statement does to bucketed tables without saying which bucket."""
    tree = statement.parse()
    ctes = {cte.alias for cte in tree.find_all(exp.CTE)}
    complaints = [
        f"table {table.name} is in no migration"
        for table in tree.find_all(exp.Table)
        if isinstance(table.this, exp.Identifier)
        and table.name not in tables
        and table.name not in ctes
        and not f"{table.db or table.name}".startswith(OF_THE_SYSTEM)
    ]
    if not statement.is_report:
        bucketed = {name for name, table in tables.items() if table.kind == "bucketed"} - ctes
        complaints += _writes_without_bucket(tree, bucketed)
        for node in tree.find_all(exp.Select, exp.Update, exp.Delete):
            complaints += _unbound(node, bucketed)
    return [f"{statement.where} {statement.constant}: {complaint}" for complaint in complaints]


def _writes_without_bucket(tree: exp.Expr, bucketed: set[str]) -> Iterator[str]:
    for node in tree.find_all(exp.Insert, exp.Copy):
        target = node.this
        table = target.find(exp.Table) if target else None
        if table is None or table.name not in bucketed or isinstance(target, exp.Subquery):
            continue
        columns = {column.name for column in target.expressions} if isinstance(target, exp.Schema) else set()
        if not columns >= set(KEY):
            yield f"writes {table.name} without naming brand_id and bucket"
    for node in tree.find_all(exp.OnConflict):
        targets = [_plain(key) for key in node.args["conflict_keys"] or []]
        if not all(isinstance(target, exp.Identifier | exp.Column) for target in targets):
            yield "ON CONFLICT on an expression"


def _plain(key: exp.Expr) -> exp.Expr:
    while isinstance(key, exp.Ordered | exp.Paren):
        key = key.this
    return key


def _unbound(node: exp.Expr, bucketed: set[str]) -> Iterator[str]:
    tables = [table for table in _tables_in(node) if table.name in bucketed]
    bound = set()
    for condition in _conditions(node):
        bound |= _binds(condition)
    for table in tables:
        alone = len(tables) == 1 and "" in bound
        if table.alias_or_name not in bound and "*" not in bound and not alone:
            yield f"{node.key} of {table.name} without bucket = ..."


def _tables_in(node: exp.Expr) -> Iterator[exp.Table]:
    """The tables a node names itself, not those of its subqueries."""
    sources = [node.this] if isinstance(node, exp.Update | exp.Delete) else []
    origin = node.args.get("from_") or node.args.get("from")
    joins = [*(node.args.get("joins") or [])]
    sources += [origin.this] if origin else []
    sources += node.args.get("using") or [] if isinstance(node, exp.Delete) else []
    for source in sources:
        joins += source.args.get("joins") or []
    for source in [*sources, *(join.this for join in joins)]:
        if isinstance(source, exp.Table) and isinstance(source.this, exp.Identifier):
            yield source


def _conditions(node: exp.Expr) -> Iterator[exp.Expr]:
    """The parts of WHERE and ON that must all hold, and the columns of USING."""
    where = node.args.get("where")
    joins = [*(node.args.get("joins") or [])]
    origin = node.args.get("from_") or node.args.get("from")
    joins += origin.this.args.get("joins") or [] if origin else []
    for condition in [where.this if where else None, *(join.args.get("on") for join in joins)]:
        if condition is not None:
            yield from condition.flatten() if isinstance(condition, exp.And) else [condition]
    for join in joins:
        yield from join.args.get("using") or []


def _binds(condition: exp.Expr) -> set[str]:
    """The tables whose bucket a condition fixes: '' for an unqualified one, '*' for USING (bucket)."""
    if isinstance(condition, exp.Identifier):
        return {"*"} if condition.name == "bucket" else set()
    if isinstance(condition, exp.Column) and not condition.table:
        return {"*"} if condition.name == "bucket" else set()
    if isinstance(condition, exp.Paren):
        return _binds(condition.this)
    sides: list[exp.Expr] = []
    if isinstance(condition, exp.EQ):
        sides = [condition.this, condition.expression]
    elif isinstance(condition, exp.In):
        sides = [condition.this]
    columns = [
        column
        for side in sides
        for column in (side.expressions if isinstance(side, exp.Tuple) else [side])
        if isinstance(column, exp.Column) and column.name == "bucket"
    ]
    return {column.table for column in columns}
