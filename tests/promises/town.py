"""A town under load: residents come one after the other, chats and pages side by side.

Runs in a thread of its own, so that a test can kill what they talk to meanwhile.
"""

import asyncio
import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType

import httpx

from tests.promises.post_office import PostOffice
from tests.promises.residents import COLOURS, ChatResident, Resident, WebResident

FIRST_CHAT = 5_000_000


class Town:
    """As many residents at a time as there are ``chats`` and ``pages``, until ``close_gates``."""

    def __init__(
        self, post: PostOffice, seed: int, *bases: str, chats: int = 6, pages: int = 3
    ) -> None:
        self.residents: list[Resident] = []
        self._post = post
        self._bases = bases
        self._seed = seed
        self._numbers = itertools.count(1)
        self._slots = ["chat"] * chats + ["page"] * pages
        self._open = True
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def chats(self) -> list[ChatResident]:
        return [each for each in self.residents if isinstance(each, ChatResident)]

    @property
    def pages(self) -> list[WebResident]:
        return [each for each in self.residents if isinstance(each, WebResident)]

    @property
    def goes_on(self) -> bool:
        return self._thread.is_alive()

    def __enter__(self) -> "Town":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open = False
        if error is None:
            self.wait_all_done()
        else:
            for each in self.residents:
                each.done = True

    @contextmanager
    def visited_by(self, *residents: Resident) -> Iterator[None]:
        """Let a few more come, by themselves; wait for them at the end."""
        self.residents += residents
        self._thread = threading.Thread(target=self._run, args=residents, daemon=True)
        self._thread.start()
        yield
        self.wait_all_done()

    def close_gates(self) -> None:
        """Let nobody new come."""
        self._open = False

    def wait_all_done(
        self, seconds: float = 150, meanwhile: Callable[[], None] | None = None
    ) -> None:
        """Wait until everybody who came has a code."""
        self.close_gates()
        deadline = time.monotonic() + seconds
        while self._thread.is_alive() and time.monotonic() < deadline:
            self._thread.join(0.1)
            if meanwhile:
                meanwhile()
        if self._failure:
            raise self._failure
        waiting = [each for each in self.residents if not each.done]
        assert not waiting, [(each.mark, each.codes, each.trail[-6:]) for each in waiting]

    # --- inside the thread
    # ---------------------------------------------------------------------------

    def _run(self, *few: Resident) -> None:
        try:
            asyncio.run(self._live(few))
        except BaseException as error:
            self._failure = error

    async def _live(self, few: Sequence[Resident]) -> None:
        limits = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(trust_env=False, timeout=30, limits=limits) as client:
            async with asyncio.TaskGroup() as tasks:
                for resident in few:
                    tasks.create_task(self._lives(resident, client))
                for kind in self._slots:
                    tasks.create_task(self._settle(kind, client))

    async def _settle(self, kind: str, client: httpx.AsyncClient) -> None:
        while self._open:
            phone = kind == "chat"
            new = self._somebody_with_a_phone() if phone else self._somebody_with_a_browser()
            self.residents.append(new)
            await self._lives(new, client)

    async def _lives(self, resident: Resident, client: httpx.AsyncClient) -> None:
        if isinstance(resident, ChatResident):
            await resident.tells(self._post)
        elif isinstance(resident, WebResident):
            await resident.tells(client)

    def _somebody(self) -> tuple[str, random.Random, list[int]]:
        number = next(self._numbers)
        rng = random.Random(f"{self._seed}-{number}")
        photos = rng.sample(range(len(COLOURS)), rng.choice((0, 0, 0, 1, 2)))
        return f"M{self._seed}x{number}z", rng, photos

    def _somebody_with_a_phone(self) -> ChatResident:
        mark, rng, photos = self._somebody()
        return ChatResident(
            mark, rng, photos,
            chat=FIRST_CHAT + len(self.residents),
            asks=rng.random() < 0.7, copies=rng.random() < 0.7, twice=rng.random() < 0.3,
        )  # fmt: skip

    def _somebody_with_a_browser(self) -> WebResident:
        mark, rng, photos = self._somebody()
        return WebResident(
            mark, rng, photos,
            bases=self._bases, at_once=rng.random() < 0.5, twice=rng.random() < 0.3,
        )  # fmt: skip
