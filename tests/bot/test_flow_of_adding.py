"""What is asked before something is added under a code: what betrays, and whether it can wait."""

import pytest

from bot.flows.base import Add, PhotoKept, Said
from intake.drafts import KeptPhoto
from intake.receipts import grouped, new_code
from tests.bot.stories import Resident, StoryWorld

PHOTO = KeptPhoto(id="00" * 16, key="11" * 32)
OTHER = KeptPhoto(id="22" * 16, key="33" * 32)
BETRAYS = "quán đối diện nhà tôi có khách lạ"
URGENT = "ngáo đá cầm dao"


def came_back(*features: str) -> Resident:
    world = StoryWorld(features=frozenset(features))
    return Resident(world).commands("xem").says(grouped(new_code()))


def test_a_caption_is_checked_like_any_addition() -> None:
    resident = came_back().does(PhotoKept(PHOTO, BETRAYS))
    assert resident.keys == ["lo_than"]
    assert resident.draft.photos == (PHOTO,)
    assert resident.taps("bo_cho_do").acts[-1] == Add("quán có khách lạ")
    assert resident.draft.photos == ()


def test_a_picture_waits_while_its_words_are_written_anew() -> None:
    resident = came_back().does(PhotoKept(PHOTO, BETRAYS)).taps("sua_lai")
    assert resident.draft.photos == (PHOTO,)
    assert resident.says("quán nước").acts[-1] == Add("quán nước")


def test_a_picture_that_comes_while_words_are_asked_about_goes_with_them() -> None:
    resident = came_back().says(BETRAYS).does(PhotoKept(PHOTO)).does(PhotoKept(OTHER, "xe này"))
    assert resident.keys == ["lo_than"]
    assert resident.draft.photos == (PHOTO, OTHER)
    assert resident.taps("giu_nguyen").acts[-1] == Add(f"{BETRAYS}\nxe này")


CODE = new_code()


@pytest.mark.parametrize(
    ("words", "caption", "why"),
    [
        (f"{BETRAYS} {'chuyện ' * 1_100}".strip(), "dài " * 100, "dai_qua"),
        (f"{BETRAYS} {CODE[:12]}", CODE[12:], "co_ma"),
    ],
    ids=["too_long_together", "a_code_in_two_halves"],  # the code is drawn anew in each process
)
def test_a_caption_that_does_not_fit_beside_the_words_is_left_out_and_they_stay(
    words: str, caption: str, why: str
) -> None:
    resident = came_back().says(words).does(PhotoKept(PHOTO, caption))
    assert resident.keys == [why, "lo_than"]
    assert resident.draft.photos == (PHOTO,)
    assert resident.taps("giu_nguyen").acts[-1] == Add(words)


@pytest.mark.parametrize(("tap", "calm"), [("gui", False), ("khong_gap", True)])
@pytest.mark.parametrize("event", [Said(URGENT), PhotoKept(PHOTO, URGENT)])
def test_urgent_words_are_sent_at_once_or_like_any_others(
    event: Said | PhotoKept, tap: str, calm: bool
) -> None:
    resident = came_back("calm").does(event)
    assert resident.keys == ["gap"]
    assert resident.types("để xem đã").keys == ["chon_mot_nut"]
    assert resident.taps(tap).acts[-1] == Add(URGENT, calm)
    assert resident.keys == ["da_gui_them"]


def test_where_nothing_waits_nobody_is_asked_whether_it_may() -> None:
    assert came_back().says(URGENT).keys == ["da_gui_them"]
    assert came_back("calm").says("xe màu đỏ").keys == ["da_gui_them"]
