"""Every leak of ``security.md`` 8 that goes through a log: first reproduced, then shown closed."""

import asyncio
import io
import json
import logging
import logging.config
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import uvicorn
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from telegram import Update
from telegram.request import HTTPXRequest

from intake import logs
from intake.errors import DatabaseBusy

TOKEN = "1234567890:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw9"
TIP = "Chị Mốc ở nhà bên cạnh bán cần sa"
CHAT = "5550123456"
CODE = "1234 5678 9012 3456 7890 1234"
PHONE = "0912.345.678"
ADDRESS = "203.0.113.77"
MARKS = (TOKEN, TIP, "Mốc", CHAT, CODE, CODE.replace(" ", ""), PHONE, ADDRESS, "AAHdqTcvCH1v")


class Log(io.StringIO):
    """The stream that an operator would read."""

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]

    def holds_nothing(self) -> bool:
        return not any(mark in self.getvalue() for mark in MARKS)


@pytest.fixture(autouse=True)
def logging_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put the process-wide state back, because these tests change it on purpose."""
    root, handlers, level = logging.root, logging.root.handlers[:], logging.root.level
    for owner, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    monkeypatch.setattr(logging, "raiseExceptions", logging.raiseExceptions)
    yield
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger(logs.SILENCED).disabled = False
    for name in logs.PINNED:
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> Log:
    """Logging as it comes, at DEBUG: the place where the leaks live."""
    stream = Log()
    access = logging.getLogger("uvicorn.access")  # a server in an earlier test may have shut it
    monkeypatch.setattr(access, "propagate", True)
    monkeypatch.setattr(access, "handlers", [])
    monkeypatch.setattr(access, "disabled", False)
    monkeypatch.setattr(access, "level", logging.NOTSET)
    logging.root.handlers[:] = [logging.StreamHandler(stream)]
    logging.root.setLevel(logging.DEBUG)
    return stream


@pytest.fixture
def log() -> Log:
    """Our logging at its most talkative level."""
    stream = Log()
    logs.configure("DEBUG", stream, secrets=[TOKEN])
    return stream


def ask_telegram() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json={"ok": True}))
    with httpx.Client(transport=transport) as client:
        client.get(f"https://api.telegram.org/bot{TOKEN}/getMe")


def receive_broken_json() -> None:
    with pytest.raises(Exception, match="Invalid server response"):
        HTTPXRequest.parse_json_payload(f'{{"text": "{TIP}", '.encode())


def debug_an_update() -> None:
    raw = {"update_id": 1, "message": {"message_id": 1, "text": TIP, "chat": {"id": int(CHAT)}}}
    logging.getLogger("telegram.ext.Application").debug("Processing update %s", raw)
    logging.getLogger("telegram.ext.Updater").critical("Received data was %r", raw)


def handler_fails() -> None:
    try:
        raise ValueError(TIP)
    except ValueError:
        logging.getLogger("bot.dialogue").exception("a step failed")


def database_fails() -> None:
    engine = create_engine("sqlite://")
    try:
        with engine.connect() as connection:
            connection.execute(text("insert into nowhere values (:typed)"), {"typed": TIP})
    except OperationalError:
        logging.getLogger("storage.writer").exception("a write failed")
    engine.dispose()


def database_echoes() -> None:
    engine = create_engine("sqlite://")
    logging.getLogger("sqlalchemy.engine.Engine").setLevel(logging.INFO)
    try:
        with engine.connect() as connection:
            connection.execute(text("select :typed"), {"typed": TIP})
    finally:
        logging.getLogger("sqlalchemy.engine.Engine").setLevel(logging.NOTSET)
        engine.dispose()


def visitor_opens_a_page() -> None:
    line = '%s - "%s %s HTTP/%s" %d'
    logging.getLogger("uvicorn.access").info(
        line, ADDRESS, "GET", f"/tra-cuu?ma={CODE}", "1.1", 200
    )


def task_dies_unheard() -> None:
    async def step() -> None:
        raise ValueError(TIP)

    async def main() -> None:
        task = asyncio.create_task(step())
        await asyncio.wait([task])
        del task

    asyncio.run(main())


def logging_itself_fails() -> None:
    # A wrong format string: logging prints the message and all arguments to standard error.
    logging.getLogger("bot").warning("%d of %d", TIP)  # noqa: PLE1206


def somebody_interpolates() -> None:
    logging.getLogger("bot").info("said %s from %s", TIP, CHAT)


def somebody_writes_an_id_into_the_sentence() -> None:
    logging.getLogger("bot").info(f"chat {CHAT} code {CODE} phone {PHONE} from {ADDRESS}")  # noqa: G004


def token_stands_in_a_sentence() -> None:
    logging.getLogger("homthu").warning(f"cannot reach https://api.telegram.org/bot{TOKEN}/getMe")  # noqa: G004


def somebody_adds_a_field() -> None:
    extra = {"text": TIP, "chat": CHAT, "code": TIP, "status": int(CHAT), "reason": CHAT}
    logging.getLogger("bot").info("a message came", extra=extra)


def warning_is_shown() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn(f"strange text: {TIP}", stacklevel=1)
        logging.captureWarnings(capture=False)


LEAKS: list[Callable[[], None]] = [
    ask_telegram,
    receive_broken_json,
    debug_an_update,
    handler_fails,
    database_fails,
    database_echoes,
    visitor_opens_a_page,
    task_dies_unheard,
    somebody_interpolates,
    somebody_writes_an_id_into_the_sentence,
    token_stands_in_a_sentence,
    warning_is_shown,
]


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.__name__)
def test_by_default_this_leaks(plain: Log, leak: Callable[[], None]) -> None:
    leak()
    assert any(mark in plain.getvalue() for mark in MARKS)


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.__name__)
@pytest.mark.parametrize("level", ["DEBUG", "INFO", "WARNING", "ERROR"])
def test_with_our_logging_it_does_not(
    level: str, leak: Callable[[], None], capfd: pytest.CaptureFixture[str]
) -> None:
    log = Log()
    logs.configure(level, log)
    leak()
    said = "".join(capfd.readouterr())
    assert log.holds_nothing()
    assert not any(mark in said for mark in MARKS)
    assert all(set(line) <= FIELDS for line in log.lines)


FIELDS = {"at", "level", "logger", "text", "where", "error"} | logs.NUMBERS | logs.WORDS


def test_logging_that_fails_prints_its_arguments_by_default(
    capfd: pytest.CaptureFixture[str],
) -> None:
    logging.root.handlers[:] = [logging.StreamHandler(Log())]
    logging_itself_fails()
    assert TIP in capfd.readouterr().err


def test_logging_that_fails_prints_nothing_of_them_here(
    log: Log, capfd: pytest.CaptureFixture[str]
) -> None:
    logging_itself_fails()
    assert TIP not in capfd.readouterr().err
    assert log.lines[0]["text"] == "%d of %d"


def test_fields_outside_the_list_are_dropped_and_listed_ones_keep_their_type(log: Log) -> None:
    somebody_adds_a_field()
    good = {"channel": "telegram", "status": 503, "seconds": 0.12345, "version": "0.1.0"}
    logging.getLogger("bot").info("sent", extra=good)
    first, second = log.lines
    assert log.holds_nothing()
    assert set(first) == {"at", "level", "logger", "text"}
    assert {name: second[name] for name in good} == good | {"seconds": 0.123}


def test_our_own_sentences_and_numbers_are_readable(log: Log) -> None:
    logging.getLogger("bot.polling").warning("asked %d times in %.1f s", 3, 2.5)
    assert log.lines[0]["text"] == "asked 3 times in 2.5 s"
    assert log.lines[0]["level"] == "WARNING"
    assert log.lines[0]["logger"] == "bot.polling"


def test_a_library_is_quoted_by_place_only(log: Log) -> None:
    logging.getLogger("psycopg.pool").warning("error connecting: %s", TIP)
    (line,) = log.lines
    assert "text" not in line
    assert line["where"].startswith("tests/intake/test_logs.py:")


def test_an_object_as_sentence_is_reduced_to_its_type(log: Log) -> None:
    logging.getLogger("bot").error(ValueError(TIP))
    assert log.lines[0]["text"] == "ValueError"


def test_an_error_is_its_type_its_causes_and_where_they_happened(log: Log) -> None:
    def inner() -> None:
        json.loads("{" + TIP)

    try:
        try:
            inner()
        except ValueError as error:
            raise DatabaseBusy(TIP) from error
    except DatabaseBusy:
        logging.getLogger("intake").exception("the write did not happen")
    (line,) = log.lines
    assert log.holds_nothing()
    assert line["error"]["type"] == "intake.errors.DatabaseBusy"
    assert line["error"]["frames"][0].startswith("tests/intake/test_logs.py:")
    cause = line["error"]["because"]
    assert cause["type"] == "json.decoder.JSONDecodeError"
    assert cause["frames"][-1].startswith("json/decoder.py:")


def test_several_errors_at_once_are_all_reduced(log: Log) -> None:
    try:
        raise ExceptionGroup(TIP, [ValueError(TIP), OSError(28, TIP)])
    except ExceptionGroup:
        logging.getLogger("bot").exception("two things failed")
    first, second = log.lines[0]["error"]["errors"]
    assert log.holds_nothing()
    assert first == {"type": "ValueError"}
    assert second == {"type": "OSError", "errno": "ENOSPC"}


def test_a_chain_of_causes_ends_somewhere() -> None:
    error: Exception = ValueError(TIP)
    for _ in range(50):
        following = ValueError(TIP)
        following.__cause__ = error
        error = following
    assert json.dumps(logs.error_summary(error)).count("ValueError") < 10


def test_a_hidden_cause_stays_hidden() -> None:
    def translate() -> None:
        try:
            raise ValueError(TIP)
        except ValueError:
            raise DatabaseBusy from None

    with pytest.raises(DatabaseBusy) as caught:
        translate()
    assert "because" not in logs.error_summary(caught.value)


@pytest.mark.parametrize("name", ["httpx", "httpcore.http11", "telegram.ext.ExtBot", "apscheduler"])
def test_pinned_loggers_stay_silent_even_when_somebody_lowers_them(log: Log, name: str) -> None:
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.DEBUG)
    try:
        logger.info("said %s", TIP)
        logger.warning("said %s", TIP)
    finally:
        logger.setLevel(before)
    assert [line["level"] for line in log.lines] == ["WARNING"]
    assert log.holds_nothing()


def test_handlers_of_libraries_are_taken_away(capfd: pytest.CaptureFixture[str]) -> None:
    uvicorn.Config("app:app").configure_logging()
    log = Log()
    logs.configure("INFO", log)
    visitor_opens_a_page()
    logging.getLogger("uvicorn.error").error("said %s", TIP)
    assert "".join(capfd.readouterr()) == ""
    assert [line["logger"] for line in log.lines] == ["uvicorn.error"]
    assert log.holds_nothing()


def test_our_uvicorn_options_bring_no_handler_back(log: Log) -> None:
    config = uvicorn.Config("app:app", **logs.UVICORN)
    config.configure_logging()
    assert logging.getLogger("uvicorn").handlers == []
    assert logging.getLogger("uvicorn.access").handlers == []
    visitor_opens_a_page()
    assert log.getvalue() == ""


def test_an_error_nobody_caught_is_reduced(log: Log, capfd: pytest.CaptureFixture[str]) -> None:
    try:
        raise ValueError(TIP)
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    thread = threading.Thread(target=lambda: int(TIP))
    thread.start()
    thread.join()
    assert [line["level"] for line in log.lines] == ["CRITICAL", "ERROR"]
    assert log.holds_nothing()
    assert capfd.readouterr().err == ""


def test_an_error_in_clean_up_is_reduced(log: Log, capfd: pytest.CaptureFixture[str]) -> None:
    class Untidy:
        def __del__(self) -> None:
            raise ValueError(TIP)

    sys.unraisablehook = logs._log_unraisable
    Untidy()
    assert log.lines[0]["error"]["type"] == "ValueError"
    assert log.holds_nothing()
    assert capfd.readouterr().err == ""


def test_a_traceback_would_have_told_the_text() -> None:
    try:
        raise ValueError(TIP)
    except ValueError:
        assert TIP in traceback.format_exc()


def test_an_update_that_telegrams_library_cannot_read_is_never_quoted(log: Log) -> None:
    raw: Any = {"update_id": 7, "message": {"message_id": "x", "text": TIP, "chat": {"id": CHAT}}}
    with pytest.raises(Exception):  # noqa: B017 - whatever it raises, nothing may be written
        Update.de_json(raw, None)
    assert log.getvalue() == ""


def test_no_fact_has_the_name_of_something_that_every_record_carries() -> None:
    record = logging.makeLogRecord({})
    assert not (logs.WORDS | logs.NUMBERS) & vars(record).keys()
