"""Running houses: one of each kind over each kind of database.

``demo`` has the demo phone and asks Telegram for updates; ``real`` is what a server runs: Telegram
posts to it, a proxy stands in front, names may be left, answers may be announced.
"""

import io
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from intake import logs
from storage.database import Database
from tests.clocks import FixedClock
from tests.wards import Template, Ward, make_template, open_ward

BUSY = 1.0  # seconds that a locked database is waited for
_DATABASES = ("quick_database", "quick_sqlite", "quick_postgres", "sqlite_database")


@pytest.fixture(scope="session")
def furnished_real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """A furnished installation that is no demo."""
    template = make_template(tmp_path_factory.mktemp("furnished-real"), demo=False)
    yield template
    template.database.close()


@pytest.fixture
def talkative_log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Our logging at its most talkative, and every library's too; put back afterwards."""
    root, handlers, level = logging.root, logging.root.handlers[:], logging.root.level
    for owner, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    monkeypatch.setattr(logging, "raiseExceptions", logging.raiseExceptions)
    stream = io.StringIO()
    logs.configure("DEBUG", stream)
    known = [each for each in root.manager.loggerDict.values() if isinstance(each, logging.Logger)]
    before = {each: each.level for each in known}
    for each in known:
        each.setLevel(logging.DEBUG)
    yield stream
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)
    for each in known:
        each.setLevel(logging.NOTSET if each.name in logs.PINNED else before[each])
    logging.getLogger(logs.SILENCED).disabled = False


@pytest.fixture
def open_house(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    clock: FixedClock,
    talkative_log: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[..., object]]:
    """Start houses; each runs until the test is over."""
    import bot.opening
    import bot.serve
    from bot.channels.telegram import TelegramChannel
    from bot.polling import Poller
    from intake.settings import TelegramSettings
    from intake.vault.answers import CodePool
    from tests.bot.telegram_server import TOKEN, TelegramServer
    from tests.running.house import HURRIED, PLENTY, SECRET, House

    monkeypatch.setattr(bot.opening, "TelegramChannel", partial(TelegramChannel, timer=HURRIED))
    monkeypatch.setattr(bot.serve, "Poller", partial(Poller, seconds=5, timer=HURRIED))
    monkeypatch.setattr(CodePool, "fill", lambda *_: True)  # codes are drawn when they are needed
    for name in _DATABASES:  # made before the houses, and so closed after their jobs have ended
        if name in request.fixturenames:
            request.getfixturevalue(name)
    open_things = ExitStack()

    def start(
        kind: str,
        database: Database,
        allowances: object = PLENTY,
        *,
        telegram: bool = True,
        desk: bool = True,
        away: bool = False,
        before: Callable[[Ward], object] = lambda _: None,
        **changes: object,
    ) -> House:
        folder, letters = tmp_path / kind, tmp_path / f"{kind}-letters"
        folder.mkdir()
        letters.mkdir()
        token, secret = letters / "token", letters / "secret"
        token.write_text(TOKEN + "\n")
        secret.write_text(SECRET + "\n")
        server = open_things.enter_context(TelegramServer()) if telegram else None
        settings: dict[str, object] = {"trusted_proxies": 1, "push_notices": True}
        if server is not None:
            settings["telegram"] = TelegramSettings(
                token_file=token,
                mode="webhook" if kind == "real" else "poll",
                webhook_secret_file=secret,
                base_url=server.base_url,
                base_file_url=server.base_file_url,
            )
        if kind == "real":
            settings |= {
                "base_url": "https://tin.thu.invalid",
                "console_url": "https://ban.thu.invalid",
                "proxy_logs_off": True,
                "named_tips": True,
            }
        name = "furnished_real" if kind == "real" else "furnished"
        template = request.getfixturevalue(name)
        ward = open_ward(template, folder, database, clock, **(settings | changes))
        before(ward)
        if away and server is not None:
            server.stop()
        house = House(ward, server, talkative_log)
        return open_things.enter_context(house.start(allowances, desk=desk))

    with open_things:
        yield start


@pytest.fixture
def quick_sqlite(new_sqlite: Callable[..., Database]) -> Iterator[Database]:
    """A SQLite database whose locks are not waited for long."""
    database = new_sqlite(busy_seconds=BUSY)
    yield database
    database.close()


@pytest.fixture
def quick_postgres(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A PostgreSQL database whose locks are not waited for long."""
    cluster = request.getfixturevalue("postgres_cluster")
    name = cluster.new_database()
    database = Database(cluster.url(name), busy_seconds=BUSY)
    yield database
    database.close()
    cluster.drop(name)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def quick_database(request: pytest.FixtureRequest) -> Database:
    """A database of each kind in turn, whose locks are not waited for long."""
    return request.getfixturevalue(f"quick_{request.param}")


def _ward_on(kind: str) -> Callable[..., Ward]:
    @pytest.fixture(name=f"furnished_ward_on_{kind}")
    def furnished_ward(
        request: pytest.FixtureRequest, furnished: Template, tmp_path: Path, clock: FixedClock
    ) -> Ward:
        return open_ward(furnished, tmp_path, request.getfixturevalue(f"{kind}_database"), clock)

    return furnished_ward


furnished_ward_on_sqlite = _ward_on("sqlite")
furnished_ward_on_postgres = _ward_on("postgres")
