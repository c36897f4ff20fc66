"""`bondfire verify`: compares what is stored, row by row, with what the journal says."""

from bondfire.cli.audit import Workers, audit
from bondfire.cli.options import AsJson, BrandName


def verify(*, brand: BrandName, workers: Workers = None, as_json: AsJson = False) -> int:
    """Compare what is stored with what the journal says.

    Every entry, lot, purchase and member is derived again and compared; the first wrong row of each table
    and bucket is named, and the exit code is then 1. Interrupted, it goes on where it stopped.

    Example: bondfire verify --brand corner-cafe
    """
    from bondfire.journal import verify as run

    return audit(run, "Verifying", brand, workers=workers, as_json=as_json)
