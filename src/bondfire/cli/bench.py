"""`bondfire bench`: measures this machine; ratios are taken in one run, so that they travel."""

from bondfire.cli.options import AsJson


def bench(*, as_json: AsJson = False) -> None:
    """Measure this machine, and print ratios taken in the same run.

    Example: bondfire bench --out docs/benchmarks.md
    """
