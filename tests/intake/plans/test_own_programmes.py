"""The installation's own dates and duties beside the shipped plans."""

from datetime import date
from pathlib import Path

import pytest

from intake.errors import BadFile, UnknownProgramme
from intake.plans.deadlines import board_on
from intake.plans.duties import stand
from intake.plans.programme import Programme, load_programme
from intake.plans.working_days import working_days

PLANS = ("bac-lieu-2020", "hanoi-265-2024", "hanoi-du-an-5", "hung-yen-2025", "huong-van-2023")
OFFICES = working_days()
HANOI, HUNG_YEN, HUONG_VAN = (load_programme(i) for i in (PLANS[1], PLANS[3], PLANS[4]))

# Read off the plans: programme, deadline, then (named, last good, safe) of each time 2024–2027.


OWN = """
format = 1
extends = "hung-yen-2025"
basis = "do đơn vị tự đặt"
adopted_on = 2026-01-01
switch_on = ["tap-huan"]

[[semester]]
name = "2025-2026-HK2"
from = 2026-01-12
to = 2026-05-31

[[deadline]]
id = "ke-hoach-trien-khai"
title = "Kế hoạch của phường"
kind = "report"
every = "once"
due_on = 2026-01-30
from = ["ubnd-xa-phuong"]

[[duty]]
id = "tuyen-truyen-to"
title = "Tuyên truyền ở tổ"
kind = "outreach"
count = 1
per = "month"
owed_by = { levels = ["neighbourhood"] }
"""


def own(folder: Path, text: str, name: str = "hung-yen-2025") -> Programme:
    (folder / f"{name}.toml").write_text(text, "utf-8")
    return load_programme(name, folder)


def test_own_dates_and_duties_join_the_plan_and_are_marked_as_own(tmp_path: Path) -> None:
    programme = own(tmp_path, OWN)
    dated = programme.deadline("ke-hoach-trien-khai")
    assert programme.is_own(dated)
    assert programme.is_own(programme.duty("tuyen-truyen-to"))
    assert not programme.is_own(programme.deadline("bao-cao-nam"))
    assert programme.is_on(programme.duty("tap-huan"))
    assert not HUNG_YEN.is_on(HUNG_YEN.duty("tap-huan"))
    assert "ke-hoach-trien-khai" not in {item.id for item in programme.undated}
    standing = stand(programme, programme.duty("truong-hoc"), [], date(2026, 3, 1))
    assert (standing.period.name, standing.last_good_on) == ("2025-2026-HK2", date(2026, 5, 31))


def test_nothing_from_before_it_was_adopted_is_late(tmp_path: Path) -> None:
    programme = own(tmp_path, OWN)
    assert board_on(programme, date(2026, 1, 5), OFFICES).late == ()


@pytest.mark.parametrize(("since", "is_late"), [((2026, 6, 16), True), ((2026, 6, 17), False)])
def test_nothing_that_was_over_before_the_plan_came_to_an_area_is_late(
    since: tuple[int, int, int], *, is_late: bool
) -> None:
    board = board_on(HANOI, date(2026, 6, 20), OFFICES, None, date(*since))
    assert ("bao-cao-6-thang" in {late.deadline.id for late in board.late}) is is_late


def test_the_shipped_file_is_not_touched_by_own_ones(tmp_path: Path) -> None:
    own(tmp_path, OWN)
    assert len(load_programme("hung-yen-2025").duties) == 7


def test_a_named_successor_is_believed_and_only_then(tmp_path: Path) -> None:
    text = """
format = 1
extends = "hanoi-265-2024"
basis = "do đơn vị tự đặt"
[succession]
ubnd-quan-huyen = "ubnd-xa"
"""
    assert HANOI.holder("ubnd-quan-huyen") is None
    heir = own(tmp_path, text, "hanoi-265-2024").holder("ubnd-quan-huyen")
    assert heir is not None
    assert heir.id == "ubnd-xa"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ('id = "ke-hoach-trien-khai"|id = "bao-cao-nam"', "không được sửa mục của kế hoạch"),
        ('switch_on = ["tap-huan"]|switch_on = ["xyz"]', "không có việc mang mã này"),
        ("to = 2026-05-31|to = 2026-01-02", "học kỳ kết thúc trước khi bắt đầu"),
        ('from = ["ubnd-xa-phuong"]|from = ["ubnd-xa"]', "không có cơ quan mang mã này"),
    ],
)
def test_own_files_cannot_overrule_a_plan(tmp_path: Path, changed: str, told: str) -> None:
    old, new = changed.split("|")
    assert old in OWN
    with pytest.raises(BadFile, match=told):
        own(tmp_path, OWN.replace(old, new))


def test_an_unknown_programme_is_refused_with_the_known_ones() -> None:
    for name in ("khong-co", "../errors", "", "ngay-nghi"):
        with pytest.raises(UnknownProgramme, match="hanoi-265-2024"):
            load_programme(name)
