"""Where the time of an event goes: samples of a writer at work, and the processor time of each process."""

import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Final, NamedTuple

import bondfire

_EVERY_S: Final = 0.001
_OURS: Final = str(Path(bondfire.__file__).parent) + os.sep
_WAITING: Final = "waiting for PostgreSQL"


class Share(NamedTuple):
    """A part of what an event takes.

    Attributes:
        what: of which measurement.
        where: a folder of ours, or a process.
        microseconds: of an event.
    """

    what: str
    where: str
    microseconds: float


def sampled(act: Callable[[], object]) -> Counter[str]:
    """Run something and count where it is, a thousand times a second: by folder, C code with who calls it."""
    ours, ended = threading.get_ident(), threading.Event()
    found: Counter[str] = Counter()

    def look() -> None:
        while not ended.wait(_EVERY_S):
            found[_place(sys._current_frames()[ours])] += 1  # noqa: SLF001 - what a profiler is made of

    interval = sys.getswitchinterval()
    sys.setswitchinterval(_EVERY_S / 4)
    looking = threading.Thread(target=look)
    looking.start()
    try:
        act()
    finally:
        ended.set()
        looking.join()
        sys.setswitchinterval(interval)
    return found


def _place(innermost: FrameType) -> str:
    frame: FrameType | None = innermost
    if innermost.f_code.co_name == "wait" and "psycopg" in innermost.f_code.co_filename:
        return _WAITING
    while frame is not None:
        file = frame.f_code.co_filename
        if file == "<rule>":
            return "rules, compiled"
        if file.startswith(_OURS):
            return str(Path(file.removeprefix(_OURS)).parent)
        frame = frame.f_back
    return "elsewhere"


def processor_seconds(pids: Iterable[int]) -> float:
    """What processes, their threads and their ended children took of the processors; 0 where nobody tells."""
    return sum(map(_seconds_of, pids))


def _seconds_of(pid: int) -> float:
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, words[11:15])) / os.sysconf("SC_CLK_TCK")


def with_children(pid: int) -> list[int]:
    """A process and those that it started, as far as they live."""
    folder = Path(f"/proc/{pid}/task/{pid}/children")
    children = folder.read_text().split() if folder.exists() else []
    return [pid, *(one for child in children for one in with_children(int(child)))]


def family_of(pid: int) -> list[int]:
    """The parent of a process with all of its children: of a backend, every process of its server."""
    stat = Path(f"/proc/{pid}/stat")
    return with_children(int(stat.read_text().rpartition(")")[2].split()[1])) if stat.exists() else []


class Stopwatch:
    """Tells, of so many events, which process took how long of the processors for each.

    Args:
        what: is measured.
        processes: by name.
    """

    def __init__(self, what: str, processes: Mapping[str, Sequence[int]]) -> None:
        self._what = what
        self._processes = processes
        self._before = {name: processor_seconds(pids) for name, pids in processes.items()}

    def shares(self, events: int) -> list[Share]:
        """What each process took since the start."""
        return [
            Share(self._what, name, (processor_seconds(pids) - self._before[name]) / events * 1e6)
            for name, pids in self._processes.items()
        ]
