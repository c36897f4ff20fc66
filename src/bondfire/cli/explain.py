"""`bondfire explain`: why, in sentences."""

from bondfire.cli.options import AsJson, BrandName


def explain(what: str, /, *, brand: BrandName, as_json: AsJson = False) -> None:
    """Say why: the reasons of an event, or of every entry of a member.

    Example: bondfire explain ord-1001 --brand corner-cafe
    """
