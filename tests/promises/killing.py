"""One installation, one Telegram, one town, and a bot process that is killed again and again."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.channels.telegram_webhook import PATH
from tests.bot.telegram_api import TOKEN
from tests.journeys.conftest import free_port
from tests.promises.books import Books
from tests.promises.nursery import Birth, Life, Nursery
from tests.promises.post_office import SECRET, PostOffice
from tests.promises.residents import ChatResident, Resident
from tests.promises.town import Town
from tests.wards import Ward

MINUTES_A_LIFE = 100 / 60  # each process is born later than the last one's lease ends
_CONFIG = {"demo", "database_url", "base_url", "console_url", "release_minutes", "hotline"}


class Grounds:
    """Where bots live and die: settings, ports and the time that passes between two lives."""

    def __init__(self, ward: Ward, nursery: Nursery, post: PostOffice, mode: str) -> None:
        self.ward = ward
        self.nursery = nursery
        self.post = post
        self.mode = mode
        self.port = free_port()
        self.log = ward.settings.state_dir / "bot.log"
        self._lead = (ward.clock.now() - datetime.now(UTC)).total_seconds()
        self._passed = 0.0
        self.lives: list[Life] = []
        self.settings = self._settings()

    def _settings(self) -> dict[str, Any]:
        folder = self.ward.settings.state_dir
        telegram = {
            "token_file": _secret(folder, "token", TOKEN),
            "webhook_secret_file": _secret(folder, "webhook", SECRET),
            "mode": self.mode,
            "base_url": self.post.base_url,
            "base_file_url": self.post.base_file_url,
        }
        chosen = self.ward.settings.model_dump(mode="json", include=_CONFIG)
        here = {"state_dir": str(folder), "base_url": f"http://127.0.0.1:{self.port}"}
        return {**chosen, **here, "public_port": self.port, "telegram": telegram}

    @property
    def base(self) -> str:
        return str(self.settings["base_url"])

    @property
    def hook(self) -> str:
        return self.base + PATH

    def passes(self, **time_passed: float) -> None:
        """Let time pass for every process that is born from now on."""
        self._passed += timedelta(**time_passed).total_seconds()

    def birth(
        self, die_at: str = "", nth: int = 1, *, beside: bool = False, port: int = 0, **changes: Any
    ) -> Life:
        """Start a bot process: ``beside`` others, or after some time without any."""
        if not beside:
            self.passes(minutes=MINUTES_A_LIFE)
        settings = self.settings | ({"public_port": port} if port else {})
        job = Birth(
            settings, str(self.log), self._lead + self._passed, die_at=die_at, nth=nth, **changes
        )
        life = self.nursery.birth(job)
        self.lives.append(life)
        return life

    def end(self) -> None:
        """Kill whoever still lives; a test that failed leaves no process behind."""
        for life in self.lives:
            if life.alive:
                life.kill()

    def talked_after_the_end(self, chat: ChatResident) -> bool:
        """Return whether a chat that was left clean was written to more than it asked for.

        A late tap may still be told that its button is over, once for each receipt that was tapped:
        a death can leave two of them, and where a finger tapped twice the second tap comes late.
        """
        quiet = chat.copies and not chat.twice
        allowed = (chat.shown_at_end or 0) + max(1, chat.tapped)
        return quiet and self.post.shown[chat.chat] > allowed

    # --- afterwards
    # ---------------------------------------------------------------------------------

    def rows(self, table: str) -> int:
        with self.ward.intake.read() as view:
            statement = f"SELECT count(*) FROM {table}"
            return int(view.connection.exec_driver_sql(statement).scalar_one())

    def words_of_drafts(self) -> list[str]:
        """Return where each stored dialogue stands: open, sent or told."""
        with self.ward.intake.read() as view:
            return list(view.connection.exec_driver_sql("SELECT state FROM draft").scalars())

    def until(self, seen: Any, seconds: float = 60, what: str = "") -> None:
        deadline = time.monotonic() + seconds
        while not seen():
            assert time.monotonic() < deadline, what or "it did not happen"
            time.sleep(0.03)

    def books(self) -> Books:
        """Open everything, later than anything happened."""
        later = datetime.now(UTC) + timedelta(seconds=self._lead + self._passed + 60)
        self.ward.clock.set(max(later, self.ward.clock.now()))
        return Books.of(self.ward)

    def told(self, residents: list[Resident]) -> dict[str, str]:
        """Return every code that was ever shown to anybody, and whose mark belongs to it."""
        told: dict[str, str] = {}
        for each in residents:
            known = self.post.receipts[each.chat] if isinstance(each, ChatResident) else each.codes
            assert set(each.codes) <= set(known)
            told |= dict.fromkeys(known, each.mark)
        return told


@contextmanager
def grounds_of(
    ward: Ward,
    nursery: Nursery,
    mode: str,
    seed: int,
    repeats: float = 0.0,
    office: type[PostOffice] = PostOffice,
) -> Iterator[Grounds]:
    """Open the grounds with a Telegram of their own."""
    with office(seed, repeats) as post:
        grounds = Grounds(ward, nursery, post, mode)
        try:
            yield grounds
        except BaseException:
            if grounds.log.exists():
                print(grounds.log.read_text()[-4000:])
            raise
        finally:
            grounds.end()


def settle_and_check(grounds: Grounds, town: Town, *, quiet: bool = True) -> None:
    """Let everybody get a code, let every draft end, and open the books.

    ``quiet``: no chat that was left clean may have been written to again.
    """
    if town.goes_on:
        grounds.end()
        life = grounds.birth()
        town.wait_all_done(meanwhile=life.still_lives)
    _let_drafts_end(grounds, town)
    assert not grounds.rows("draft_photo")
    grounds.post.until_quiet()
    books = grounds.books()
    books.check(town.residents, grounds.told(town.residents))
    assert not sum(chat.lost_drafts for chat in town.chats), "a draft was forgotten"
    assert not sum(page.expired for page in town.pages), "a form was forgotten"
    chatter = {chat.mark for chat in town.chats if grounds.talked_after_the_end(chat)}
    assert not (quiet and chatter), "a late repeat was answered"


def _let_drafts_end(grounds: Grounds, town: Town) -> None:
    """Let every draft run out.

    Where somebody tapped two receipts (a death had left one behind) or tapped one twice, the second
    tap may come as late as now: it begins a dialogue of its own, which runs out in its turn.
    """
    late_taps = any(chat.tapped > 1 or chat.twice for chat in town.chats)
    for seconds in (20, 60) if late_taps else (60,):
        grounds.end()
        grounds.passes(minutes=45)
        grounds.birth()
        with suppress(AssertionError):
            grounds.until(lambda: not grounds.rows("draft"), seconds)
            return
    raise AssertionError("drafts stayed")


def kill_at_random(grounds: Grounds, rng: random.Random, kills: int) -> None:
    """Let bots live for moments: some die before they are ready, none ends by itself."""
    for _ in range(kills):
        life = grounds.birth()
        if rng.random() < 0.15:
            time.sleep(rng.uniform(0.0, 0.2))
        else:
            life.wait_ready()
            time.sleep(rng.choice((rng.uniform(0.0, 0.15), rng.uniform(0.1, 1.0))))
        life.kill()


def _secret(folder: Any, name: str, content: str) -> str:
    path = folder / f"{name}.txt"
    path.write_text(content)
    path.chmod(0o600)
    return str(path)
