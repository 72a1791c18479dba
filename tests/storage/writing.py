"""Units of work for the tests of both writers, and what keeps a writer busy meanwhile."""

import threading
from collections.abc import Callable
from concurrent.futures import Future

from sqlalchemy import text

from storage import committing
from storage.database import Database
from storage.unit_of_work import Tx

WAIT = 30


class Held:
    """Units of work that keep all threads busy until they are let go, so that others must wait."""

    def __init__(self, database: Database) -> None:
        self._entered, self._go = threading.Semaphore(0), threading.Event()
        self.number = 1 if database.kind == "sqlite" else committing.THREADS
        self._futures: list[Future[None]] = []
        for _ in range(self.number):  # one after the other: together they would be one group
            self._futures.append(database.writer.submit(self._work))
            assert self._entered.acquire(timeout=WAIT)

    def _work(self, tx: Tx) -> None:
        self._entered.release()
        assert self._go.wait(WAIT)

    def let_go(self) -> None:
        self._go.set()
        for future in self._futures:
            future.result(WAIT)


def add(number: int) -> Callable[[Tx], int]:
    def work(tx: Tx) -> int:
        tx.keys.set_fact(f"unit {number}", "kept")
        return number

    return work


def kept(database: Database) -> list[str]:
    with database.read() as view:
        return view.keys.facts("unit ")


def fail(tx: Tx) -> None:
    tx.keys.set_fact("unit of a failure", "kept")
    raise LookupError("this unit is wrong")


def failing(number: int) -> Callable[[Tx], int]:
    def work(tx: Tx) -> int:
        add(number)(tx)
        raise LookupError

    return work


def doubling(number: int) -> Callable[[Tx], int]:
    def work(tx: Tx) -> int:
        add(number)(tx)
        for _ in range(2):
            tx.connection.execute(text(f"INSERT INTO fact VALUES ('twice {number}', 'no')"))
        return number

    return work


def leaving(number: int) -> Callable[[Tx], int]:
    def work(tx: Tx) -> int:
        add(number)(tx)
        raise SystemExit

    return work
