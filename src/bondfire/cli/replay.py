"""`bondfire replay`: derives everything again from the journal, in memory, and prints the digest."""

from bondfire.cli.audit import Workers, audit
from bondfire.cli.options import AsJson, BrandName


def replay(*, brand: BrandName, workers: Workers = None, as_json: AsJson = False) -> int:
    """Derive everything again from the journal and print its digest.

    Decides every event again from the first one and compares the history of each member with the stored
    one. Nothing that is stored is changed. Interrupted, it goes on where it stopped.

    Example: bondfire replay --brand corner-cafe --workers 4
    """
    from bondfire.journal import replay as run

    return audit(run, "Replaying", brand, workers=workers, as_json=as_json)
