"""The one way from a door to the database: a unit of work that is answered after its commit.

``work`` is short, touches nothing but its ``tx`` and may be run again. Key derivation, sealing and
pictures happen before it. This module never decides anything about tips or people.
"""

import asyncio
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import TypeVar

from intake.errors import DatabaseBusy, SchemaBehind
from intake.ports import Clock
from storage.database import Database
from storage.errors import Busy, NoDatabase, SchemaAhead
from storage.errors import SchemaBehind as OldSchema
from storage.unit_of_work import Tx, View

T = TypeVar("T")


class _Look(threading.local):
    """What one thread reads together, if it does."""

    stack: ExitStack | None = None
    view: View | None = None


class Intake:
    """Units of work and reads over one database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self._look = _Look()

    async def write(self, work: Callable[[Tx], T]) -> T:
        """Run ``work`` as one unit of work; return after the durable commit.

        A caller that is cancelled cancels nothing.

        Raises:
            DatabaseBusy: nothing was kept.
        """
        kept: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        future = self.database.writer.submit(work)
        future.add_done_callback(partial(_pass_on, kept))
        try:
            return await kept
        except Busy:
            raise DatabaseBusy("the database takes no writes now") from None

    def write_now(self, work: Callable[[Tx], T], *, alone: bool = False) -> T:
        """Run ``work`` as one unit of work for a synchronous caller.

        ``alone``: it takes seconds, so nobody else's work may hang on it.

        Raises:
            DatabaseBusy: nothing was kept.
        """
        try:
            return self.database.writer.submit(work, alone=alone).result()
        except Busy:
            raise DatabaseBusy("the database takes no writes now") from None

    @contextmanager
    def read(self) -> Generator[View]:
        """Give a view that never touches the writer.

        Raises:
            DatabaseBusy: the database cannot be read now.
        """
        look = self._look
        if look.stack is None:
            with self._fresh() as view:
                yield view
            return
        if look.view is None:
            look.view = look.stack.enter_context(self._fresh())
        yield look.view

    @contextmanager
    def look(self) -> Generator[None]:
        """Let everything that this thread reads inside share one view, opened when it is needed.

        For a step that asks several services. Nothing inside may wait, write or change thread.

        Raises:
            DatabaseBusy: the database cannot be read now.
        """
        look = self._look
        if look.stack is not None:
            yield
            return
        with ExitStack() as stack:
            look.stack = stack
            try:
                yield
            finally:
                look.stack = look.view = None

    @contextmanager
    def _fresh(self) -> Generator[View]:
        try:
            with self.database.read() as view:
                yield view
        except Busy:
            raise DatabaseBusy("the database cannot be read now") from None

    @contextmanager
    def glance(self) -> Generator[View]:
        """Give a view for one statement: cheaper than `read`, because nothing has to be consistent.

        Raises:
            DatabaseBusy: the database cannot be read now.
        """
        if self._look.view is not None:
            yield self._look.view
            return
        try:
            with self.database.glance() as view:
                yield view
        except Busy:
            raise DatabaseBusy("the database cannot be read now") from None

    def check_schema(self, upgrade: str = "homthu upgrade") -> None:
        """Refuse to start on an old schema, or on one that is newer than this program.

        Args:
            upgrade: the command that brings this installation's schema up to date.

        Raises:
            SchemaBehind: names the command to run.
            DatabaseBusy: the database cannot be asked now.
        """
        try:
            self.database.check_schema()
        except NoDatabase:
            raise SchemaBehind("nothing is set up here yet: run `homthu init`") from None
        except SchemaAhead:
            raise SchemaBehind(
                "the database is newer than this program: install the newer program again"
            ) from None
        except OldSchema:
            raise SchemaBehind(f"the database has an older schema: run `{upgrade}`") from None
        except Busy:
            raise DatabaseBusy("the database cannot be read now") from None


def _pass_on(kept: asyncio.Future[T], done: Future[T]) -> None:
    """Tell the loop of a caller what has become of its work; called by the writer's thread."""

    def settle() -> None:
        if kept.done():  # its caller was cancelled
            return
        error = done.exception()
        if error is None:
            kept.set_result(done.result())
        else:
            kept.set_exception(error)

    loop = kept.get_loop()
    with suppress(RuntimeError):  # the loop has been closed: nobody waits
        loop.call_soon_threadsafe(settle)
