"""Where throw-away servers keep their data."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

MEMORY: Final = Path("/dev/shm")
ROOMY_BYTES: Final = 4_000_000_000


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder that the server's user can reach, also when root tests; in memory if there is room."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOMY_BYTES
    folder = Path(tempfile.mkdtemp(prefix="bondfire-test-", dir=MEMORY if roomy else None))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
