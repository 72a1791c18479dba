"""A step with a leader is cheap: how often it asks the database is held here, not how long."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.bot.work_rig import Workday

pytestmark = pytest.mark.anyio
LINE = "tuyên truyền 10/3 nvh 40 người"


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect what is asked of any database."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def test_a_line_and_its_card_are_at_most_seven_statements(workday: Workday) -> None:
    phone = await workday.enrolled()
    with statements() as asked:
        await phone.says(LINE)
    assert phone.hears == "the_xac_nhan"
    assert len(asked) <= 7, asked


async def test_saving_is_at_most_eleven_statements(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.says(LINE)
    with statements() as asked:
        await phone.taps("luu")
    assert phone.hears == "da_ghi"
    assert len(asked) <= 11, asked
