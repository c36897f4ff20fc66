"""How much of the machine the embedded PostgreSQL takes, which shares it with us."""

import os
from pathlib import Path
from typing import Final

_MB: Final = 2**20
_GB: Final = 2**30


def sized_for(memory: int, disk: int) -> dict[str, str]:
    """The settings of PostgreSQL that depend on the machine, whose memory we share with it.

    A page is written whole into the log when it first changes after a checkpoint, and members come in no
    order: with a log of 2 GB and a million members an event cost 7.9 kB of it, of which 6 were such pages.

    Args:
        memory: bytes of the machine.
        disk: bytes that are free where the data will be.
    """
    buffers = min(max(memory // 8, 128 * _MB), 4 * _GB)
    log = min(max(disk // 8, 1 * _GB), 8 * _GB)
    return {
        "shared_buffers": f"{buffers // _MB}MB",
        "effective_cache_size": f"{memory // 2 // _MB}MB",
        "max_wal_size": f"{log // _MB}MB",
    }


def memory_bytes() -> int:
    """The memory of the machine, or what its control group leaves us of it."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = [Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes")]
    found = [limit.read_text().strip() for limit in limits if limit.exists()]
    return min([whole, *(int(one) for one in found if one.isdecimal())])
