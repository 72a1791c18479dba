"""What a database was asked: the statements that ran while a test watched."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import event
from sqlalchemy.engine import Engine


class Asked(NamedTuple):
    """One statement as it went to the driver, and what was bound to it."""

    text: str
    given: object


@contextmanager
def statements(of: Engine | type[Engine] = Engine) -> Iterator[list[Asked]]:
    """Collect what is asked of one engine, or of every one, in order."""
    asked: list[Asked] = []

    def note(_connection: Any, _cursor: Any, text: str, given: object, *_: Any) -> None:
        asked.append(Asked(text, given))

    event.listen(of, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(of, "before_cursor_execute", note)
