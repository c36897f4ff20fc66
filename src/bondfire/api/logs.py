"""One line of JSON for each request, made of fields that we name: never a body, a reference or a secret."""

import asyncio
import logging
import traceback
from typing import Final, TextIO

import msgspec
import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

Log = FilteringBoundLogger

_DEEPEST: Final = 12


def make_log(stream: TextIO, level: str) -> Log:
    """A log that writes to a stream.

    Args:
        stream: where to.
        level: debug, info, warning or error: less is not written.
    """
    log: Log = structlog.wrap_logger(
        _Lines(stream),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            _in_order,
            structlog.processors.JSONRenderer(serializer=_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
    return log


class _Lines:
    """Writes lines; those of one turn of the event loop in one write, because a write waits for its turn."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._waiting: list[str] = []

    def msg(self, line: str) -> None:
        """Write a line, at the latest when the event loop has done what it is doing."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._write(f"{line}\n")
            return
        if not self._waiting:
            loop.call_soon(self._flush)
        self._waiting.append(f"{line}\n")

    debug = info = warning = error = critical = msg

    def _flush(self) -> None:
        lines, self._waiting = self._waiting, []
        self._write("".join(lines))

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def _json(event: object, **_: object) -> str:
    return msgspec.json.encode(event).decode()


def _in_order(_log: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Time, level and what it is about first, as people read."""
    return {"at": event.pop("at"), "level": event.pop("level"), "event": event.pop("event"), **event}


def where(error: BaseException) -> list[str]:
    """File, line and function of an error, the innermost last; its message may hold what somebody sent."""
    frames = traceback.extract_tb(error.__traceback__)[-_DEEPEST:]
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def _short(path: str) -> str:
    """A file as from its package on."""
    return path.rpartition("/site-packages/")[2].rpartition("/src/")[2]


class ForwardToLog(logging.Handler):
    """What libraries log by themselves, as lines of ours: the first line of the message, unfilled."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        said = str(record.msg).strip().partition("\n")[0]
        error = record.exc_info[1] if record.exc_info else None
        about = {"error": type(error).__name__, "where": where(error)} if error else {}
        self._log.log(record.levelno, "library", logger=record.name, said=said, **about)


def forward_libraries(log: Log, level: str) -> None:
    """Let everything that is logged in this process from now on be written to our log."""
    logging.basicConfig(handlers=[ForwardToLog(log)], level=level.upper(), force=True)
