"""What a line leaves open is asked, one question at a time, with buttons; nothing is guessed."""

from datetime import date, timedelta

import pytest

from storage.unit_of_work import Tx
from tests.bot.work_rig import MONTHLY, TO_3, TO_4, Workday

pytestmark = pytest.mark.anyio


async def test_buttons_alone_need_three_taps_and_a_number(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.taps("da_tuyen_truyen", "hom_qua")
    assert phone.hears == "hoi_so_nguoi"
    await phone.says("35")
    await phone.taps("luu")
    (filed,) = workday.filed
    assert (filed.kind, filed.people, filed.done_on) == ("outreach", 35, date(2026, 3, 19))


async def test_a_meeting_by_buttons_needs_three_taps_and_a_number(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.taps("da_hop", "hom_nay")
    await phone.says("khoảng 40 người")
    await phone.taps("luu")
    assert [(each.kind, each.people) for each in workday.filed] == [("listening_meeting", 40)]


async def test_numbers_of_earlier_times_are_buttons(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.says("tuyên truyền 10/3 nvh 40 người")
    await phone.taps("luu", "xem_viec", "da_tuyen_truyen", "hom_nay", "so_0", "luu")
    assert [each.people for each in workday.filed] == [40, 40]


async def test_nobody_is_made_to_remember_a_number(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.says("tuyên truyền 10/3 ở nhà văn hóa")
    assert phone.hears == "hoi_so_nguoi"
    await phone.taps("khong_nho")
    assert "chưa ghi số" in phone.screen[-1].text
    await phone.taps("luu")
    assert workday.filed[0].people is None


@pytest.mark.parametrize(
    ("line", "question", "answer", "expected"),
    [
        ("tuyên truyền 10/3 NVH 45", "hoi_nguoi_hay_ho", "so_1", (10, None, 45)),
        ("tuyên truyền 10/3 NVH 45", "hoi_nguoi_hay_ho", "so_0", (10, 45, None)),
        ("đêm 12 rạng 13 tuyên truyền 20 người", "hoi_ngay_nao", "ngay_0", (12, 20, None)),
        ("đêm 12 rạng 13 tuyên truyền 20 người", "hoi_ngay_nao", "ngay_1", (13, 20, None)),
    ],
)
async def test_what_a_line_leaves_open_is_asked(
    workday: Workday,
    line: str,
    question: str,
    answer: str,
    expected: tuple[int, int | None, int | None],
) -> None:
    phone = await workday.enrolled()
    await phone.says(line)
    assert phone.hears == question
    assert workday.filed == []
    await phone.taps(answer)
    assert phone.hears == "the_xac_nhan"
    await phone.taps("luu")
    (filed,) = workday.filed
    assert (filed.done_on.day, filed.people, filed.households) == expected


async def test_a_day_that_has_not_come_is_never_taken_for_last_year_by_itself(
    workday: Workday,
) -> None:
    phone = await workday.enrolled()
    await phone.says("tuyên truyền 3/11 nhà văn hóa 45 người")
    assert phone.hears == "ngay_chua_toi"
    assert "T3 3/11/2026" in phone.screen[-1].text
    await phone.taps("ngay_khac")
    await phone.says("10/3")
    assert "T3 10/3/2026" in phone.screen[-1].text


async def test_a_day_typed_into_the_future_is_asked_again(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.taps("da_tuyen_truyen", "ngay_khac")
    await phone.says("11/12")
    assert phone.hears == "ngay_chua_toi"
    await phone.says("31/2")
    assert phone.hears == "ngay_khong_co"
    await phone.says("9/3")
    assert phone.hears == "hoi_so_nguoi"


async def test_an_impossible_day_is_asked(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.says("tuyên truyền 31/2 nhà văn hóa 45 người")
    assert phone.hears == "hoi_ngay_nao"
    await phone.taps("ngay_khac")
    await phone.says("hôm qua")
    assert "45 người" in phone.screen[-1].text


async def test_a_weekday_that_does_not_fit_the_day_is_asked(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.says("tuyên truyền thứ 7 10/3 nhà văn hóa 45 người")
    assert phone.hears == "hoi_ngay_nao"
    assert workday.filed == []


# --- one meeting for both duties ------------------------------------------------------------------


async def test_one_meeting_for_both_duties_is_asked_once_and_counts_twice(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.says("TT+LN 10/3 nhà văn hóa 40 người")
    assert phone.hears == "hoi_viec"
    await phone.taps("ca_hai")
    assert phone.hears == "the_xac_nhan"
    assert "Tuyên truyền + Họp lắng nghe" in phone.screen[-1].text
    assert "Còn thiếu" not in phone.screen[-1].text
    await phone.taps("luu")
    assert len(workday.filed) == 1
    for kind in ("outreach", "listening_meeting"):
        assert workday.done(TO_3, kind, date(2026, 3, 10)) == (1, 1)


async def test_where_the_programme_counts_them_apart_one_of_them_is_chosen(
    workday: Workday,
) -> None:
    folder = workday.ward.settings.programmes
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{MONTHLY}.toml").write_text(
        f'format = 1\nextends = "{MONTHLY}"\nbasis = "họp tổ"\njoins_duties = false\n', "utf-8"
    )
    workday.workplace.uses.forget()
    phone = await workday.enrolled()
    await phone.says("TT+LN 10/3 nhà văn hóa 40 người")
    await phone.taps("ca_hai")
    assert phone.hears == "tinh_rieng"
    await phone.taps("v_listening_meeting", "luu")
    assert workday.done(TO_3, "outreach", date(2026, 3, 10)) == (0, 1)
    assert workday.done(TO_3, "listening_meeting", date(2026, 3, 10)) == (1, 1)


# --- several neighbourhoods -----------------------------------------------------------------------


async def test_a_leader_of_two_is_asked_once_and_then_known(workday: Workday) -> None:
    phone = await workday.enrolled(TO_3, TO_4)
    await phone.says("tuyên truyền 10/3 nvh 40 người")
    assert phone.hears == "hoi_to"
    await phone.taps("to_1", "luu")
    assert workday.filed[0].owner_id == TO_4
    await phone.says("họp lắng nghe 11/3 nvh 40 người")
    assert "tổ dân phố số 4" in phone.screen[-1].text


async def test_a_neighbourhood_named_in_the_line_is_taken(workday: Workday) -> None:
    phone = await workday.enrolled(TO_3, TO_4)
    await phone.says("tổ 4 tuyên truyền 10/3 nvh 40 người")
    assert phone.hears == "the_xac_nhan"
    assert "tổ dân phố số 4" in phone.screen[-1].text


async def test_a_neighbourhood_that_is_not_theirs_is_not_filed_for(workday: Workday) -> None:
    phone = await workday.enrolled(TO_3)
    await phone.says("tổ 4 tuyên truyền 10/3 nvh 40 người")
    assert phone.hears == "khong_phu_trach"
    await phone.taps("to_0", "luu")
    assert [each.owner_id for each in workday.filed] == [TO_3]


async def test_who_looks_after_nothing_is_told_so(workday: Workday) -> None:
    leader = workday.leaders.add("Hòa")
    phone = workday.phone()
    await phone.says(f"/moi {workday.leaders.invite(leader.id)}")
    await phone.taps("dong_y_viec")
    await phone.says("tuyên truyền 10/3 nvh 40 người")
    assert phone.hears == "chua_giao_viec"
    assert workday.filed == []


async def test_a_hand_over_between_card_and_tap_files_nothing(workday: Workday) -> None:
    phone = await workday.enrolled()
    giver, taker = workday.leaders.of_chat("telegram", "100"), workday.leaders.add("Lan")
    assert giver is not None
    await phone.says("tuyên truyền 10/3 nvh 40 người")
    token = phone.token("luu")
    workday.leaders.hand_over(TO_3, giver.id, taker.id, workday.ward.clock.today())
    await phone.does(choice=token)
    assert phone.hears == "khong_con_phu_trach"
    assert workday.filed == []


# --- warnings -------------------------------------------------------------------------------------


def _people(workday: Workday, owner: str, population: int) -> None:
    def work(tx: Tx) -> None:
        area = tx.areas.get(owner)
        assert area is not None
        tx.areas.add_areas([area._replace(population=population)])

    workday.ward.intake.write_now(work)


async def test_more_people_than_live_there_is_asked_and_not_refused(workday: Workday) -> None:
    _people(workday, TO_3, 120)
    phone = await workday.enrolled()
    await phone.says("tuyên truyền 10/3 nvh 5000 người")
    assert phone.hears == "dong_qua"
    await phone.taps("go_lai")
    await phone.says("50")
    assert phone.hears == "the_xac_nhan"
    await phone.taps("luu")
    assert workday.filed[0].people == 50


async def test_the_same_meeting_a_second_time_is_offered_as_an_addition(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.says("tuyên truyền 10/3 nvh 40 người")
    await phone.taps("luu")
    await phone.says("tuyên truyền 10/3 nvh 40 người")
    assert phone.hears == "da_co"
    await phone.taps("bo_sung")
    assert phone.hears == "da_ghi"
    assert len(workday.filed) == 1


async def test_what_has_come_up_since_the_card_was_shown_is_asked_before_filing(
    workday: Workday,
) -> None:
    _people(workday, TO_3, 120)
    phone = await workday.enrolled()
    await phone.says("tuyên truyền 10/3 nvh 90 người")
    assert phone.hears == "the_xac_nhan"
    _people(workday, TO_3, 80)
    await phone.taps("luu")
    assert phone.hears == "dong_qua"
    assert workday.filed == []
    await phone.taps("dung_vay", "luu")
    assert phone.hears == "da_ghi"
    assert workday.filed[0].people == 90


async def test_another_meeting_on_the_same_day_may_be_filed(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.says("tuyên truyền 10/3 nvh 40 người")
    await phone.taps("luu")
    await phone.says("tuyên truyền 10/3 ở chợ 30 người")
    await phone.taps("buoi_khac", "luu")
    assert len(workday.filed) == 2


async def test_an_old_day_is_asked(workday: Workday) -> None:
    workday.ward.clock.advance(timedelta(days=70))
    phone = await workday.enrolled()
    await phone.says("tuyên truyền 10/3 nvh 40 người")
    assert phone.hears in {"qua_cu", "ky_da_khoa"}
    await phone.taps("dung_vay" if phone.hears == "qua_cu" else "van_gui")
    assert phone.hears in {"the_xac_nhan", "ky_da_khoa"}


# --- names, tips and nonsense ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "anh Tuấn nhà số 5 bán ma túy ở ngõ 12",
        "thằng Hùng xe 29B1-123.45 hay tụ tập hút chích",
        "tuyên truyền 10/3, gọi 0912345678 để biết tên các đối tượng",
    ],
)
async def test_names_of_people_are_refused_and_nothing_of_them_is_kept(
    workday: Workday, line: str
) -> None:
    phone = await workday.enrolled()
    await phone.says(line)
    assert phone.hears == "khong_ten"
    assert "/gui-tin" in phone.screen[-1].text
    await phone.taps("mo_trang_kin")
    assert phone.hears == "dia_chi_kin"
    assert workday.filed == []
    assert _nothing_of(workday, "Tuấn", "Hùng", "0912345678", "29B1")


async def test_a_name_in_the_middle_of_a_draft_leaves_the_draft_as_it_was(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.says("tuyên truyền 10/3 nvh 40 người")
    await phone.says("anh Tuấn nhà số 5 bán ma túy ở ngõ 12")
    assert phone.heard()[-2:] == ["khong_ten", "the_xac_nhan"]
    await phone.taps("luu")
    assert workday.filed[0].people == 40
    assert _nothing_of(workday, "Tuấn")


def _nothing_of(workday: Workday, *words: str) -> bool:
    tables = ("work_dialogue", "check_in", "check_in_change")
    with workday.ward.intake.read() as view:
        ask = view.connection.exec_driver_sql
        rows = [repr(ask(f"SELECT * FROM {table}").all()) for table in tables]
    return not any(word in row for word in words for row in rows)


@pytest.mark.parametrize("line", ["chào bác", "hôm nay trời mưa", "?", "👍👍👍", "x" * 900])
async def test_what_is_no_check_in_is_answered_and_not_kept(workday: Workday, line: str) -> None:
    phone = await workday.enrolled()
    await phone.says(line)
    assert phone.hears in {"chua_hieu_viec", "dong_dai"}
    assert workday.filed == []


async def test_a_second_line_waits_until_the_first_is_saved(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.says("tuyên truyền 10/3 nvh 40 người", "họp lắng nghe 11/3 nvh 30 người")
    assert phone.hears == "con_nhap"
    await phone.taps("luu")
    assert phone.heard()[-2:] == ["da_ghi", "the_xac_nhan"]
    await phone.taps("luu")
    assert [each.kind for each in workday.filed] == ["outreach", "listening_meeting"]


async def test_more_words_fill_the_open_draft(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.says("tuyên truyền nhà văn hóa")
    assert phone.hears == "hoi_ngay"
    await phone.says("hôm qua 40 người")
    card = phone.screen[-1]
    assert card.key == "the_xac_nhan"
    assert "T5 19/3/2026" in card.text
    assert "40 người" in card.text


async def test_an_impossible_day_in_more_words_is_asked_and_the_known_day_is_not_kept(
    workday: Workday,
) -> None:
    phone = await workday.enrolled()
    await phone.says("tuyên truyền 10/3 nhà văn hóa 45 người")
    assert phone.hears == "the_xac_nhan"
    await phone.says("tuyên truyền 31/2 nhà văn hóa 40 người")
    assert phone.hears == "hoi_ngay_nao"
    await phone.taps("ngay_0")
    assert phone.hears == "the_xac_nhan"
    assert "T7 28/2/2026" in phone.screen[-1].text
    assert "40 người" in phone.screen[-1].text


async def test_an_unclear_day_takes_the_place_of_one_that_has_not_come(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.says("tuyên truyền 11/12 nhà văn hóa 45 người")
    assert phone.hears == "ngay_chua_toi"
    await phone.says("tuyên truyền CN 10/3 nhà văn hóa 45 người")
    assert phone.hears == "hoi_ngay_nao"


# --- other kinds and details ----------------------------------------------------------------------


async def test_other_kinds_are_two_taps_away(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.taps("viec_khac_to", "v_radio", "hom_nay", "luu")
    assert [each.kind for each in workday.filed] == ["radio"]


async def test_a_listening_meeting_may_say_who_chaired_and_what_about(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.says("họp lắng nghe 10/3 nvh 40 người")
    await phone.taps("chi_tiet", "sua_chu_tri")
    await phone.says("đ/c Phó Bí thư Đảng ủy phường")
    assert "Chủ trì: đ/c Phó Bí thư" in phone.screen[-1].text
    await phone.taps("chi_tiet", "sua_thanh_phan", "muc_1", "quay_lai_the")
    await phone.taps("chi_tiet", "sua_y_kien")
    await phone.says("5")
    await phone.taps("luu")
    (filed,) = workday.filed
    assert filed.chair == "đ/c Phó Bí thư Đảng ủy phường"
    assert filed.present == ("MTTQ",)
    assert filed.opinions == 5


async def test_a_note_that_names_somebody_is_refused(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.says("họp lắng nghe 10/3 nvh 40 người")
    await phone.taps("chi_tiet", "sua_ghi_chu")
    await phone.says("dân phản ánh anh Tuấn nhà số 5 bán ma túy")
    assert phone.heard()[-2:] == ["khong_ten", "the_xac_nhan"]
    await phone.taps("luu")
    assert workday.filed[0].note == ""


async def test_every_text_to_a_leader_is_short(workday: Workday) -> None:
    phone = await workday.enrolled(TO_3, TO_4)
    await phone.says("tuyên truyền 10/3 nvh 40 người")
    await phone.taps("to_0", "sua_nhap", "quay_lai_the", "luu", "xem_viec", "giup_viec")
    assert [each.key for each in phone.screen if len(each.text) >= 300] == []
