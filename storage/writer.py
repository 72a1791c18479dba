"""Makes writes durable, many with one commit; how, `storage.committing` knows for each database.

``submit(work)`` returns a future that is done only after the commit.

A waiter is never left hanging: a unit that raises rolls back alone, a commit that fails fails its
whole group, and when a thread is gone every waiter and every later call gets Busy. Nothing is
logged here.
"""

import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple, TypeVar

from storage.errors import Busy
from storage.unit_of_work import Tx

T = TypeVar("T")
WAITING = 8192  # units that may wait; more only means that the disk has stopped


class Unit(NamedTuple):
    """A unit of work that waits, and who waits for it."""

    work: Callable[[Tx], Any]
    future: Future[Any]
    alone: bool = False


class Outcome(NamedTuple):
    """What became of a unit: its value when it is durable, or why it was not kept."""

    value: Any = None
    error: BaseException | None = None


class Writer(ABC):
    """Threads that take what waits, serve it and answer; how it is served, the database decides."""

    def __init__(self, threads: int, group: int) -> None:
        self._group = group
        self._changed = threading.Condition()
        self._waiting: deque[Unit] = deque()
        self._serving = 0  # units that a thread has taken and not answered yet
        self._threads = [
            threading.Thread(target=self._run, name="storage-writer", daemon=True)
            for _ in range(threads)
        ]
        self._started = False
        self._stopping = False
        self.commits = 0
        self.units = 0

    @property
    def alive(self) -> bool:
        """Tell whether a unit that is submitted now can be served; nobody need have started."""
        return not self._stopping

    def start(self) -> None:
        """Start the threads, once; a writer that has ended stays ended."""
        with self._changed:
            self._start()

    def stop(self) -> None:
        """Serve what waits, then refuse everything."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        for thread in self._threads:
            if thread.ident is not None:  # it was started
                thread.join()

    def submit(self, work: Callable[[Tx], T], *, alone: bool = False) -> Future[T]:
        """Queue a unit of work; the future is done after the durable commit, or holds the error.

        ``alone``: it takes seconds, or locks a table, and so shares no commit with others.
        """
        future: Future[T] = Future()
        with self._changed:
            self._start()
            accepted = self.alive and len(self._waiting) + self._serving < WAITING
            if accepted:
                self._waiting.append(Unit(work, future, alone))
                self._changed.notify()
        if not accepted:
            future.set_exception(Busy("the writer does not take more"))
        return future

    @abstractmethod
    def serve(self, group: Sequence[Unit]) -> Sequence[Outcome]:
        """Run a group of units and commit it; return what became of each."""

    @abstractmethod
    def close(self) -> None:
        """Let go of what a thread held, as it ends."""

    def _start(self) -> None:
        if self._started or self._stopping:
            return
        self._started = True
        try:
            for thread in self._threads:
                thread.start()
        except RuntimeError:  # the system gives no more threads: nobody may wait for one
            self._stopping = True
            self._changed.notify_all()

    def _run(self) -> None:
        group: Sequence[Unit] = ()
        try:
            while group := self._next_group():
                self._finish(group, self.serve(group))
                group = ()  # nobody is kept alive by a thread that waits
        finally:
            try:
                self.close()
            finally:
                self._end(group)

    def _next_group(self) -> Sequence[Unit]:
        """Wait for units and take them; none when there will be no more."""
        with self._changed:
            while True:
                while not self._waiting and not self._stopping:
                    self._changed.wait()
                taken = self._take()
                group = [unit for unit in taken if unit.future.set_running_or_notify_cancel()]
                if group or not taken:
                    self._serving += len(group)
                    return group

    def _take(self) -> Sequence[Unit]:
        """Take the units that share the next commit off the line."""
        taken: list[Unit] = []
        while self._waiting and len(taken) < self._group:
            if taken and (taken[0].alone or self._waiting[0].alone):
                break
            taken.append(self._waiting.popleft())
        return taken

    def _finish(self, group: Sequence[Unit], outcomes: Sequence[Outcome]) -> None:
        for unit, outcome in zip(group, outcomes, strict=True):
            _resolve(unit.future, outcome)
        with self._changed:
            self._serving -= len(group)

    def _end(self, group: Sequence[Unit]) -> None:
        """Answer whoever is left: all of them, unless the threads end because nothing waits."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            waiting = [u for u in self._waiting if u.future.set_running_or_notify_cancel()]
            left = [*group, *waiting]
            self._waiting.clear()
        for unit in left:
            _resolve(unit.future, Outcome(error=Busy("the writer has ended")))

    def count(self, units: int) -> None:
        """Note one commit of so many units."""
        with self._changed:
            self.commits += 1
            self.units += units


def _resolve(future: Future[Any], outcome: Outcome) -> None:
    if future.done():  # resolved just before its thread ended
        return
    if outcome.error is None:
        future.set_result(outcome.value)
    else:
        future.set_exception(outcome.error)
