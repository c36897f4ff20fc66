"""How often a process looks for unreachable cycles."""

import gc
from typing import Final

_YOUNG: Final = 50_000
_MIDDLE: Final = 20
_OLD: Final = 100


def collect_rarely() -> None:
    """Look for cycles rarely: what fills memory here is members and events, and none of them is in one.

    A look at everything takes a tenth of a second with twenty thousand members, in the middle of a batch.
    Measured: a quarter of the time of an import. For the beginning of a process.
    """
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
