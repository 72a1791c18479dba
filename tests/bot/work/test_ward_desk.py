"""The ward's own chat: who is missing, the table, accepting and asking back, marking as sent."""

import io
from datetime import UTC, date, datetime

import openpyxl
import pytest
from PIL import Image

from bot.flows.ward_sending import read_day
from bot.messages import Outgoing
from tests.bot.phones import FakePlatform, Phone
from tests.bot.work_rig import TO_3, TO_4, Workday

pytestmark = pytest.mark.anyio
WARD = "D1-01"
HANOI = "hanoi-265-2024"
LINE = "tuyên truyền 10/3 nhà văn hóa 45 người"


async def ward_phone(workday: Workday, platform: FakePlatform | None = None) -> Phone:
    return await workday.enrolled(WARD, address="900", platform=platform)


async def files(workday: Workday, *lines: str, owner: str = TO_3, address: str = "100") -> Phone:
    """A leader files these lines."""
    phone = await workday.enrolled(owner, address=address)
    for line in lines:
        await phone.says(line)
        await phone.taps("luu")
    return phone


def labels(message: Outgoing) -> list[str]:
    return [choice.label for choice in message.choices]


# --- whose chat -----------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["/thieu", "/bang", "/duyet", "/dagui", "/phuong", "/duyệt"])
async def test_a_leader_of_a_neighbourhood_has_none_of_it(workday: Workday, command: str) -> None:
    await files(workday, LINE)
    phone = await workday.enrolled(TO_4, address="101")
    await phone.says(command)
    assert phone.hears == "lenh_la_viec"
    assert workday.filed[0].state == "filed"


async def test_after_a_hand_over_the_old_chat_of_the_ward_can_do_nothing(workday: Workday) -> None:
    await files(workday, LINE)
    phone = await ward_phone(workday)
    await phone.says("/duyet")
    old = workday.leaders.of_chat("telegram", "900")
    assert old is not None
    new = workday.leaders.add("Trần Thị Mai", "cô")
    workday.leaders.hand_over(WARD, old.id, new.id, workday.ward.clock.today())
    await phone.taps("p_ok")
    assert workday.filed[0].state == "filed"


async def test_the_menu_of_the_ward_names_it_and_its_buttons_do_what_they_say(
    workday: Workday,
) -> None:
    phone = await ward_phone(workday)
    await phone.says("/phuong")
    assert labels(phone.screen[-1])[:4] == ["Ai còn thiếu", "Bảng", "Duyệt", "Đã gửi báo cáo"]
    await phone.taps("p_thieu")
    assert "con_thieu_viec" in phone.heard(-2)
    await phone.taps("p_duyet")
    assert phone.hears == "het_duyet"


# --- who is missing -------------------------------------------------------------------------------


async def test_missing_names_each_duty_its_count_and_who_is_left(workday: Workday) -> None:
    phone = await ward_phone(workday)
    await files(workday, LINE)
    await phone.says("/thiếu")
    told = {m.text.split("**")[1]: m.text for m in phone.screen[-2:]}
    outreach = told["Tuyên truyền hằng tháng"]
    assert "tổ dân phố số 4" in outreach
    assert "tổ dân phố số 3" not in outreach
    assert "tổ dân phố số 3" in told["Họp lắng nghe ý kiến nhân dân"]
    figures = workday.workplace.services.compliance.figures(
        "viec-hang-thang-cua-to", "tuyen-truyen-thang", "2026-03", WARD
    )
    assert f"**{figures.met}/{figures.expected}**" in outreach
    assert "T3 31/3/2026" in outreach


async def test_last_month_is_shown_until_it_is_closed(workday: Workday) -> None:
    phone = await ward_phone(workday)
    workday.workplace.obligations.open_period(date(2026, 4, 1))
    workday.ward.clock.set(datetime(2026, 4, 5, 2, tzinfo=UTC))
    before = len(phone.screen)
    await phone.says("/thieu")
    text = " ".join(m.text for m in phone.screen[before:])
    assert text.index("tháng 3/2026") < text.index("tháng 4/2026")  # what ends first
    assert "tháng 4/2026" in text
    workday.ward.clock.set(datetime(2026, 4, 15, 2, tzinfo=UTC))
    before = len(phone.screen)
    await phone.says("/thieu")
    assert "tháng 3/2026" not in " ".join(m.text for m in phone.screen[before:])


# --- the table ------------------------------------------------------------------------------------


async def test_the_table_comes_as_a_picture_and_as_a_workbook(workday: Workday) -> None:
    phone = await ward_phone(workday)
    await files(workday, LINE)
    await phone.says("/bảng")
    picture, sheet = phone.screen[-2:]
    assert picture.file is not None
    assert sheet.file is not None
    assert picture.file.name == "bang-D1-01-2026-03-20.png"
    assert Image.open(io.BytesIO(picture.file.body)).format == "PNG"
    book = openpyxl.load_workbook(io.BytesIO(sheet.file.body))
    head, *rows = book["Ma trận"].iter_rows(values_only=True)
    row = next(dict(zip(head, each, strict=False)) for each in rows if each[0] == TO_3)
    assert row["Tuyên truyền hằng tháng · tháng 3/2026"] == "Đ"


async def test_two_programmes_stand_side_by_side_in_the_table(workday: Workday) -> None:
    workday.workplace.uses.use(WARD, HANOI, date(2026, 1, 1))
    workday.workplace.obligations.open_period(workday.ward.clock.today())
    phone = await ward_phone(workday)
    await phone.says("/bang")
    picture, sheet = phone.screen[-2:]
    assert picture.file is not None
    assert sheet.file is not None
    book = openpyxl.load_workbook(io.BytesIO(sheet.file.body))
    heads = " ".join(str(cell.value) for cell in book["Ma trận"][1])
    assert "tháng 3/2026" in heads
    assert "quý 1/2026" in heads


# --- accepting ------------------------------------------------------------------------------------


async def test_one_tap_accepts_and_the_next_one_is_shown(workday: Workday) -> None:
    await files(workday, LINE, "họp lắng nghe 12/3 nhà văn hóa 30 người")
    phone = await ward_phone(workday)
    await phone.says("/duyet")
    for piece in ("**2**", "tổ dân phố số 3", "người**", "nhà văn hóa"):
        assert piece in phone.screen[-1].text
    await phone.taps("p_ok")
    assert phone.heard(-2) == ["da_duyet", "buoi_cho_duyet"]
    await phone.taps("p_ok")
    assert phone.hears == "het_duyet"
    assert {each.state for each in workday.filed} == {"approved"}
    change = workday.workplace.check_ins.changes(workday.filed[0].id)[-1]
    leader = workday.leaders.of_chat("telegram", "900")
    assert leader is not None
    assert change.by == f"leader:{leader.id.hex()}"


async def test_asking_back_keeps_the_question_and_it_counts_no_more(workday: Workday) -> None:
    leader = await files(workday, LINE)
    phone = await ward_phone(workday)
    await phone.says("/duyet")
    await phone.taps("p_lai")
    await phone.says("Bao nhiêu hộ có mặt?")
    assert phone.heard(-2) == ["da_hoi_lai", "het_duyet"]
    (filed,) = workday.filed
    assert (filed.state, filed.question) == ("returned", "Bao nhiêu hộ có mặt?")
    assert workday.done(TO_3, "outreach", date(2026, 3, 10)) == (0, 1)
    await leader.says("/viec")
    assert any("Bao nhiêu hộ có mặt?" in m.text for m in leader.screen[-2:])


async def test_a_question_that_is_thought_better_of_asks_nothing(workday: Workday) -> None:
    await files(workday, LINE)
    phone = await ward_phone(workday)
    await phone.says("/duyet")
    await phone.taps("p_lai", "p_thoi")
    assert phone.hears == "buoi_cho_duyet"
    assert workday.filed[0].state == "filed"


async def test_what_is_put_aside_is_not_shown_again_in_this_round(workday: Workday) -> None:
    await files(workday, LINE, "họp lắng nghe 12/3 nhà văn hóa 30 người")
    phone = await ward_phone(workday)
    await phone.says("/duyet")
    await phone.taps("p_sau")
    second = phone.screen[-1]
    assert second.key == "buoi_cho_duyet"
    await phone.taps("p_sau")
    assert phone.hears == "con_de_sau"
    assert {each.state for each in workday.filed} == {"filed"}


async def test_all_unflagged_ones_are_accepted_at_once_and_flagged_ones_wait(
    workday: Workday,
) -> None:
    await files(workday, LINE, "họp lắng nghe 12/3 nhà văn hóa 30 người")
    flagged = await workday.enrolled(TO_4, address="101")
    await flagged.says("tuyên truyền 10/3 nhà văn hóa 20 người")
    await flagged.taps("luu")
    await flagged.says("tuyên truyền 10/3 sân đình 22 người")
    await flagged.taps("buoi_khac", "luu")
    phone = await ward_phone(workday)
    await phone.says("/duyet")
    assert "⚠️ ngày đó đã có buổi khác" in phone.screen[-1].text  # flagged ones come first
    assert "Duyệt 3 buổi không cờ" in labels(phone.screen[-1])
    await phone.taps("p_loat")
    assert {each.people: each.state for each in workday.filed} == {
        45: "approved", 30: "approved", 20: "approved", 22: "filed",
    }  # fmt: skip


async def test_only_what_was_counted_out_loud_is_accepted_at_once(workday: Workday) -> None:
    leader = await files(workday, LINE, "họp lắng nghe 12/3 nhà văn hóa 30 người")
    phone = await ward_phone(workday)
    await phone.says("/duyet")
    token = phone.token("p_loat")
    await leader.says("phát thanh 15/3 loa phường 100 người")
    await leader.taps("luu")
    await phone.does(choice=token)
    assert "danh_sach_doi" in phone.heard(-2)
    assert {each.state for each in workday.filed} == {"filed"}
    await phone.taps("p_loat")
    assert {each.state for each in workday.filed} == {"approved"}


async def test_the_same_tap_twice_accepts_one(workday: Workday) -> None:
    await files(workday, LINE, "họp lắng nghe 12/3 nhà văn hóa 30 người")
    phone = await ward_phone(workday)
    await phone.says("/duyet")
    await phone.taps("p_ok")
    await phone.again()
    again = workday.restart(phone)
    await again.again()
    assert sorted(each.state for each in workday.filed) == ["approved", "filed"]


async def test_another_wards_check_ins_are_not_shown(workday: Workday) -> None:
    await files(workday, LINE)
    phone = await workday.enrolled("D1-02", address="901")
    await phone.says("/duyet")
    assert phone.hears == "het_duyet"


# --- marking as sent ------------------------------------------------------------------------------


async def sending(workday: Workday, platform: FakePlatform | None = None) -> Phone:
    workday.workplace.uses.use(WARD, HANOI, date(2026, 1, 1))
    workday.ward.clock.set(datetime(2026, 6, 10, 2, tzinfo=UTC))
    phone = await ward_phone(workday, platform)
    return await phone.says("/dagui")


def half_year(phone: Phone) -> str:
    """Return the key of the button of the half-year report."""
    found = [c.key for c in phone.screen[-1].choices if "(hết 16/6/2026)" in c.label]
    assert len(found) == 1
    return found[0]


async def chosen(workday: Workday) -> Phone:
    """Choose the half-year report, and name who stands for the district that is gone."""
    phone = await sending(workday)
    await phone.taps(half_year(phone))
    assert phone.hears == "hoi_co_quan_thay"
    assert "UBND quận, huyện, thị xã" in phone.screen[-1].text
    return await phone.says("UBND phường Hoa Mẫu")


async def test_the_half_year_report_is_marked_with_number_and_day(workday: Workday) -> None:
    phone = await chosen(workday)
    await phone.says("12/BC-UBND", "9/6")
    card = phone.screen[-1]
    assert "12/BC-UBND" in card.text
    assert "T3 9/6/2026" in card.text
    assert "T3 16/6/2026" in card.text
    ward = workday.workplace.services
    assert ward.filings.listed(WARD) == ()
    await phone.taps("p_da_gui")
    assert phone.hears == "da_danh_dau"
    (filed,) = ward.filings.listed(WARD)
    assert (filed.document_number, filed.document_on) == ("12/BC-UBND", date(2026, 6, 9))
    assert (filed.occurrence, filed.programme) == ("2026-06-17", HANOI)
    assert filed.filed_by.startswith("leader:")
    assert filed.role == "ubnd-quan-huyen"
    holder = ward.filings.holder(HANOI, "ubnd-quan-huyen", WARD)
    assert holder == "UBND phường Hoa Mẫu"
    await phone.taps("p_gui")
    assert not [label for label in labels(phone.screen[-1]) if "(hết 16/6/2026)" in label]


async def test_the_same_mark_twice_stands_once(workday: Workday) -> None:
    phone = await chosen(workday)
    await phone.says("12/BC-UBND")
    await phone.taps("p_nay")
    tap = phone.token("p_da_gui")
    await phone.does(choice=tap, message_id="cb1")
    again = workday.restart(phone)
    await again.does(choice=tap, message_id="cb1")
    await again.does(choice=tap, message_id="cb2")
    assert len(workday.workplace.services.filings.listed(WARD)) == 1


async def test_a_bad_number_or_day_is_asked_again_and_stopping_marks_nothing(
    workday: Workday,
) -> None:
    phone = await chosen(workday)
    await phone.says("không nhớ")
    assert phone.hears == "so_van_ban_sai"
    await phone.says("12/BC-UBND", "31/6")
    assert phone.hears == "ngay_van_ban_sai"
    await phone.says("16/6/2027")
    assert phone.hears == "ngay_van_ban_sai"
    await phone.taps("p_qua")
    assert "T3 9/6/2026" in phone.screen[-1].text
    await phone.taps("p_thoi")
    assert phone.hears == "chua_danh_dau"
    assert workday.workplace.services.filings.listed(WARD) == ()


async def test_it_is_done_by_numbers_where_there_are_no_buttons(workday: Workday) -> None:
    phone = await sending(workday, FakePlatform("zalo", buttons=False))
    lines = phone.screen[-1].text.splitlines()
    at = next(line.partition(".")[0] for line in lines if "(hết 16/6/2026)" in line)
    await phone.says(at, "UBND phường Hoa Mẫu", "12/BC-UBND", "9/6", "1")
    assert phone.hears == "da_danh_dau"
    assert len(workday.workplace.services.filings.listed(WARD)) == 1


async def test_nothing_is_listed_that_was_over_before_the_plan_came_here(workday: Workday) -> None:
    workday.ward.clock.set(datetime(2026, 6, 18, 2, tzinfo=UTC))
    workday.workplace.uses.use(WARD, HANOI, date(2026, 6, 17))
    phone = await ward_phone(workday)
    await phone.says("/dagui")
    assert not [label for label in labels(phone.screen[-1]) if "(hết 16/6/2026)" in label]
    workday.workplace.uses.use(WARD, HANOI, date(2026, 6, 16))
    await phone.says("/dagui")
    assert [label for label in labels(phone.screen[-1]) if "(hết 16/6/2026)" in label]


async def test_without_anything_to_send_it_says_so(workday: Workday) -> None:
    phone = await ward_phone(workday)
    await phone.says("/dagui")
    assert phone.hears == "khong_con_muc"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("16/6", date(2026, 6, 16)), ("1/7", date(2026, 7, 1)), ("1/7/2026", date(2026, 7, 1)),
        ("31/6", None), ("hôm nay", None), ("16-6-2026", date(2026, 6, 16)), ("29/2", None),
    ],
)  # fmt: skip
def test_days_are_day_then_month_and_one_to_come_stays_to_come(
    text: str, read: date | None
) -> None:
    assert read_day(text, date(2026, 6, 20)) == read


def test_a_day_of_december_typed_in_january_is_last_years() -> None:
    assert read_day("28/12", date(2027, 1, 4)) == date(2026, 12, 28)


async def test_a_day_that_has_not_come_is_asked_again_and_marks_nothing(workday: Workday) -> None:
    phone = await chosen(workday)
    await phone.says("21/BC-UBND", "10/12")
    assert phone.hears == "ngay_van_ban_sai"
    assert workday.count("filing") == 0
