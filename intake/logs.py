"""What may be written to the log, and nothing else (``security.md`` 8).

One line of JSON per event: our own constant sentence, a few named facts of fixed types, and for an
error its type and code location. Libraries put tokens, chat ids and whole messages into *their*
sentences, so of a library's record only logger, level, location and error type are kept. This
module must never let a value through because it looks harmless: it has to be on the list.
"""

import errno
import faulthandler
import io
import json
import logging
import re
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from traceback import walk_tb
from types import TracebackType
from typing import TextIO, TypedDict, cast
from urllib.parse import quote

OUR_LOGGERS = frozenset({"homthu", "bot", "api", "intake", "reminders", "storage"})
"""Loggers whose sentences are constants, because our own review keeps them so."""

PINNED = ("aiohttp", "alembic", "apscheduler", "httpcore", "httpx", "telegram", "uvicorn")
"""Loggers that tell tokens, ids or texts below WARNING; lowering their level changes nothing."""

SILENCED = "uvicorn.access"
"""The logger that would tell who opened which page."""

NUMBERS = frozenset({"attempt", "count", "pid", "port", "seconds", "signal", "status"})
WORDS = frozenset({"channel", "code", "job", "language", "mode", "part", "reason", "version"})
"""The facts that a record may carry (``extra=``): small numbers, short words of our own."""

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}", re.ASCII)
_TOKEN = re.compile(r"(?<!\d)\d{5,}(?::|%3[Aa])[A-Za-z0-9_-]{16,}")
# Receipt codes, phone numbers, chat ids, network addresses: five digits or more, however split.
_DIGITS = re.compile(r"[+-]?\d(?:[\s.:/()–-]{0,2}\d){4,}")
_ROOT = Path(__file__).resolve().parents[1]
_OUR_PLACES = OUR_LOGGERS | {"homthu.py", "tests", "bench"}
_LARGEST_NUMBER = 9_999_999
_MOST_FRAMES = 8
_MOST_ERRORS = 4


class UvicornOptions(TypedDict):
    """The part of ``uvicorn.Config`` that decides what uvicorn logs."""

    log_config: None
    access_log: bool


UVICORN: UvicornOptions = {"log_config": None, "access_log": False}
"""What every ``uvicorn.Config`` of this project is given; its own default prints each visitor."""


def configure(
    level: str = "INFO", stream: TextIO | None = None, secrets: Iterable[str] = ()
) -> None:
    """Make this process log through one redacting handler, whatever was set up before.

    ``secrets`` are values (tokens, keys) that are blanked wherever they turn up. Uncaught errors,
    warnings and errors inside logging itself take the same road, or would print what was typed.
    """
    out: TextIO = stream or sys.stderr
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonFormatter())
    handler.addFilter(RedactingFilter(secrets))
    _remove_other_handlers()
    logging.root.addHandler(handler)
    logging.root.setLevel(level)
    for name in PINNED:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger(SILENCED).disabled = True
    logging.raiseExceptions = False  # its own complaint prints the message and its arguments
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread
    sys.unraisablehook = _log_unraisable
    with suppress(AttributeError, OSError, io.UnsupportedOperation):
        faulthandler.enable(file=out)  # file, line and function names; never values


def _remove_other_handlers() -> None:
    """Take away every other way out: a handler on a library's logger would bypass the filter."""
    logging.root.handlers.clear()
    for logger in logging.root.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.handlers.clear()
            logger.propagate = True


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Return ``text`` without ``secrets``, tokens and runs of digits that may be a person's."""
    for secret in secrets:
        text = text.replace(secret, "[secret]")
    return _DIGITS.sub("[digits]", _TOKEN.sub("[token]", text))


class RedactingFilter(logging.Filter):
    """Reduces a record, in place, to what may be read; drops what may not be said at all."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        known = {secret.strip() for secret in secrets} - {""}
        forms = known | {quote(secret, safe="") for secret in known}
        self._secrets = sorted(forms, key=len, reverse=True)

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record may be written at all."""
        if _belongs(record.name, (SILENCED,)):
            return False
        if record.levelno < logging.WARNING and _belongs(record.name, PINNED):
            return False
        text = _sentence(record) if _is_ours(record.name) else ""
        record.msg = redact(text, self._secrets)
        record.args = ()
        record.exc_text = record.stack_info = None
        for name in WORDS & vars(record).keys():
            setattr(record, name, redact(str(getattr(record, name)), self._secrets))
        return True


class JsonFormatter(logging.Formatter):
    """Writes a reduced record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; fields that are not on the list do not exist here."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="seconds"),
            "level": record.levelname,
            "logger": record.name,
        }
        if _is_ours(record.name):
            line["text"] = str(record.msg)
        else:
            line["where"] = f"{_place(record.pathname)}:{record.lineno}"
        line |= _facts(record)
        if isinstance(record.exc_info, tuple) and record.exc_info[1] is not None:
            line["error"] = error_summary(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def error_summary(error: BaseException, room: int = _MOST_ERRORS) -> dict[str, object]:
    """Return an error's type and code locations, and those of what caused it; never its message."""
    kind = type(error)
    home = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    summary: dict[str, object] = {"type": home + kind.__qualname__}
    if isinstance(error, OSError) and error.errno is not None:
        summary["errno"] = errno.errorcode.get(error.errno, "unknown")
    if frames := _frames(error.__traceback__):
        summary["frames"] = frames
    hidden = None if error.__suppress_context__ else error.__context__
    cause = error.__cause__ or hidden
    if cause is not None and room > 1:
        summary["because"] = error_summary(cause, room - 1)
    if isinstance(error, BaseExceptionGroup) and room > 1:
        group = cast("BaseExceptionGroup[BaseException]", error)
        summary["errors"] = [error_summary(one, room - 1) for one in group.exceptions[:room]]
    return summary


def _frames(traceback: TracebackType | None) -> list[str]:
    """Return our frames, outermost first, and the innermost one even when it is a library's."""
    places = [(frame.f_code.co_filename, line) for frame, line in walk_tb(traceback)]
    ours = [place for place in places[:-1] if _is_our_file(place[0])] + places[-1:]
    return [f"{_place(path)}:{line}" for path, line in ours[-_MOST_FRAMES:]]


def _sentence(record: logging.LogRecord) -> str:
    """Return our sentence with its numbers filled in; any other argument becomes an ellipsis."""
    if not isinstance(record.msg, str):
        return type(record.msg).__qualname__
    if not record.args:
        return record.msg
    given = record.args.values() if isinstance(record.args, dict) else record.args
    shown = tuple(value if isinstance(value, int | float) else "…" for value in given)
    try:
        return record.msg % shown
    except (TypeError, ValueError):
        return record.msg


def _facts(record: logging.LogRecord) -> dict[str, object]:
    facts: dict[str, object] = {}
    for name, value in vars(record).items():
        if name in NUMBERS and isinstance(value, int | float) and abs(value) <= _LARGEST_NUMBER:
            facts[name] = round(value, 3)
        elif name in WORDS and isinstance(value, str) and _WORD.fullmatch(value):
            facts[name] = value
    return facts


def _belongs(name: str, loggers: Iterable[str]) -> bool:
    return any(name == logger or name.startswith(f"{logger}.") for logger in loggers)


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] in OUR_LOGGERS


def _is_our_file(path: str) -> bool:
    file = Path(path)
    return file.is_relative_to(_ROOT) and file.relative_to(_ROOT).parts[0] in _OUR_PLACES


def _place(path: str) -> str:
    """Return where code stands, without the folders of this machine."""
    if _is_our_file(path):
        return str(Path(path).relative_to(_ROOT))
    parts = Path(path).parts
    for landmark in ("site-packages", f"python3.{sys.version_info.minor}"):
        if landmark in parts:
            return "/".join(parts[parts.index(landmark) + 1 :])
    return parts[-1] if parts else "?"


def _log_uncaught(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        logging.getLogger("homthu").critical(
            "an error nobody caught ended the process", exc_info=(kind, error, traceback)
        )


def _log_uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        logging.getLogger("homthu").error(
            "an error nobody caught ended a thread", exc_info=args.exc_value
        )


def _log_unraisable(args: "sys.UnraisableHookArgs") -> None:
    if args.exc_value is not None:
        logging.getLogger("homthu").error(
            "an error in clean-up could not be raised", exc_info=args.exc_value
        )
