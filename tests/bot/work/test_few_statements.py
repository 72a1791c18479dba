"""A step with a leader is cheap: how often it asks the database is held here, not how long."""

import pytest

from tests.bot.work_rig import Workday
from tests.statements import statements

pytestmark = pytest.mark.anyio
LINE = "tuyên truyền 10/3 nvh 40 người"


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
