"""Options that several commands share, each with one name and one meaning."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

AsJson = Annotated[
    bool, Parameter(name="--json", negative=(), help="Print one JSON object on stdout and nothing else.")
]
AT_LEAST_ONE = Number(gte=1)
A_PORT = Number(gte=0, lte=65_535)
BrandName = Annotated[str, Parameter(name="--brand", help="The brand, as named in its programme.")]
EventsFile = Annotated[Path, Parameter(help="NDJSON, JSON, CSV (each also .gz), Excel (.xlsx) or Parquet.")]
MapFile = Annotated[
    Path | None,
    Parameter(name="--map", help="YAML that says which column holds which field, for tables of others."),
]
RejectsPath = Annotated[
    Path | None, Parameter(name="--rejects", help="Write rows that cannot be read to this file, as NDJSON.")
]
PurchasesFile = Annotated[Path, Parameter(help="CSV (also .gz) or Parquet.")]
MemberColumn = Annotated[str | None, Parameter(help="The column that says who bought.")]
TimeColumn = Annotated[str | None, Parameter(help="The column that says when.")]
ValueColumn = Annotated[
    str | None, Parameter(help="The column that says for how much; rows of 0 or less are no purchases.")
]
