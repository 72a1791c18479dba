"""What is left to do is told in few words, and to a leader of several with its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.flows.work_words import cut
from tests.bot.work_rig import TO_3, TO_4, Workday


@pytest.mark.anyio
async def test_work_that_is_left_is_named_with_its_neighbourhood(workday: Workday) -> None:
    phone = await workday.enrolled(TO_3, TO_4)
    for line in ("tuyên truyền 10/3 nvh 40 người", "họp lắng nghe 11/3 nvh 40 người"):
        await phone.says(line)
        await phone.taps("to_0", "luu")
    await phone.taps("xem_viec")
    left = [line for line in phone.screen[-1].text.splitlines() if line.startswith("•")]
    assert [line.partition(":")[0] for line in left] == [
        "• Họp lắng nghe ý kiến…",
        "• Tuyên truyền hằng tháng",
    ]
    assert all(line.endswith("tổ dân phố số 4") for line in left)


@given(text=st.text(), longest=st.integers(1, 40))
def test_what_is_cut_fits_and_ends_with_a_word_where_it_can(text: str, longest: int) -> None:
    shown = cut(text, longest)
    assert len(shown) <= longest
    assert text.startswith(shown.removesuffix("…"))
    assert shown == text or shown.endswith("…")
    behind = text[len(shown) - 1 : len(shown)]
    if shown != text and " " in text[longest // 2 + 1 : longest]:
        assert behind in {" ", ",", ";", ":"}
