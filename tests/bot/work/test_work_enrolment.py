"""Coming to the work by invite, over any channel; what is refused; and going away again."""

from datetime import timedelta

import pytest

from tests.bot.phones import FakePlatform
from tests.bot.work_rig import TO_3, Workday

pytestmark = pytest.mark.anyio


async def test_an_invite_says_whom_it_is_for_and_a_yes_enrols(workday: Workday) -> None:
    leader = workday.leader(TO_3, name="Trần Thị Lan", address_as="cô")
    phone = workday.phone()
    await phone.says(f"/start moi_{workday.leaders.invite(leader.id)}")
    asked = phone.screen[-1]
    assert asked.key == "moi_to_truong"
    assert "cô Trần Thị Lan" in asked.text
    assert "**tổ dân phố số 3**" in asked.text
    assert workday.leaders.of_chat("telegram", "100") is None
    await phone.taps("dong_y_viec")
    assert workday.leaders.of_chat("telegram", "100") == leader
    assert phone.heard()[-2:] == ["da_nhan_viec", "dau_thang"]


@pytest.mark.parametrize("form", ["/moi {}", "moi {}", "mời {}", "/start moi_{}"])
async def test_a_code_may_be_linked_or_typed(workday: Workday, form: str) -> None:
    code = workday.leaders.invite(workday.leader().id)
    phone = workday.phone()
    await phone.says(form.format(code))
    assert phone.hears == "moi_to_truong"


async def test_where_there_are_no_buttons_a_number_says_yes(workday: Workday) -> None:
    phone = await workday.enrolled(platform=FakePlatform(buttons=False))
    assert workday.leaders.is_enrolled("telegram", "100")
    await phone.says("tuyên truyền 10/3 nhà văn hóa 45 người", "1")
    assert phone.hears == "da_ghi"


async def test_an_expired_code_is_refused_and_leaves_nothing(workday: Workday) -> None:
    code = workday.leaders.invite(workday.leader().id)
    workday.ward.clock.advance(timedelta(hours=73))
    phone = workday.phone()
    await phone.says(f"/moi {code}")
    assert phone.hears == "ma_moi_hong"
    assert workday.count("work_dialogue") == 0
    assert workday.count("draft") == 0


@pytest.mark.parametrize(
    "typed",
    [
        "/moi",
        "/moi abc",
        "/moi AAAA-BBBB-CCCC",
        "/start moi_",
        "moi K8E3-VUY3-B3G",
        "Mời k8e3vuy3b3gss",
    ],
)
async def test_a_code_that_never_was_leaves_nothing(workday: Workday, typed: str) -> None:
    phone = workday.phone()
    await phone.says(typed)
    assert phone.hears in {"ma_moi_hong", "chua_duoc_moi"}
    assert workday.count("work_dialogue") == 0


@pytest.mark.parametrize(
    "typed", ["moi", "mới 0912345678", "moi ngay 5 ho ra do", "mới đây 3 người lạ"]
)
async def test_words_that_only_begin_like_an_invite_are_the_tips(
    workday: Workday, typed: str
) -> None:
    phone = workday.phone()
    await phone.says(typed)
    assert phone.hears not in {"ma_moi_hong", "chua_duoc_moi"}


async def test_a_stolen_code_is_refused_once_used_and_the_ward_is_told(workday: Workday) -> None:
    leader = workday.leader()
    code = workday.leaders.invite(leader.id)
    phone = workday.phone()
    await phone.says(f"/start moi_{code}")
    await phone.taps("dong_y_viec")
    thief = workday.phone(address="666")
    await thief.says(f"/start moi_{code}")
    assert thief.hears == "ma_moi_hong"
    assert workday.leaders.of_chat("telegram", "666") is None
    assert workday.count("work_dialogue") == 1
    assert [each.leader for each in workday.leaders.misused()] == [leader]


async def test_two_who_hold_one_code_cannot_both_say_yes(workday: Workday) -> None:
    code = workday.leaders.invite(workday.leader().id)
    one, other = workday.phone(address="1"), workday.phone(address="2")
    for phone in (one, other):
        await phone.says(f"/moi {code}")
    await one.taps("dong_y_viec")
    await other.taps("dong_y_viec")
    assert workday.leaders.is_enrolled("telegram", "1")
    assert not workday.leaders.is_enrolled("telegram", "2")
    assert other.hears == "ma_moi_hong"
    assert len(workday.leaders.misused()) == 1
    assert workday.count("work_dialogue") == 1


async def test_not_me_uses_the_code_up_and_tells_the_ward(workday: Workday) -> None:
    code = workday.leaders.invite(workday.leader().id)
    phone = workday.phone()
    await phone.says(f"/moi {code}")
    await phone.taps("khong_phai_toi")
    assert phone.hears == "da_tu_choi"
    assert workday.count("work_dialogue") == 0
    assert len(workday.leaders.misused()) == 1
    await phone.says(f"/moi {code}")
    assert phone.hears == "ma_moi_hong"


async def test_who_only_holds_an_invite_may_still_send_a_tip(workday: Workday) -> None:
    code = workday.leaders.invite(workday.leader().id)
    phone = workday.phone()
    await phone.says(f"/moi {code}")
    assert workday.count("work_dialogue") == 1
    await phone.tells()
    assert workday.count("work_dialogue") == 0  # where a tip is told no account is kept
    await phone.taps("gui")
    assert phone.hears == "bien_nhan"
    assert workday.count("tip") == 1
    await workday.phone(address="200").says(f"/moi {code}")
    assert workday.count("work_dialogue") == 1  # the code is still good


async def test_an_invite_does_not_come_between_a_tip_and_its_writer(workday: Workday) -> None:
    code = workday.leaders.invite(workday.leader().id)
    phone = workday.phone()
    await phone.says("/bao")
    await phone.taps("khong_khan", "dong_y", "cb_khong")
    await phone.says("bán ma túy ở quán nước", f"/start moi_{code}")
    assert "dang_soan" in phone.heard()
    assert workday.count("work_dialogue") == 0
    assert not workday.leaders.is_enrolled("telegram", "100")


@pytest.mark.parametrize("asks", ["/bao", "báo tin", "/xem", "tố giác"])
async def test_no_tip_begins_in_an_enrolled_chat(workday: Workday, asks: str) -> None:
    phone = await workday.enrolled()
    await phone.says(asks)
    assert phone.hears == "chat_cong_viec"
    assert "biết bác là ai" in phone.screen[-1].text
    assert "/gui-tin" in phone.screen[-1].text
    assert workday.count("draft") == 0


async def test_leaving_asks_once_and_then_nothing_is_left_of_the_chat(workday: Workday) -> None:
    phone = await workday.enrolled()
    await phone.says("/thoi")
    assert workday.leaders.is_enrolled("telegram", "100")
    await phone.taps("thoi_that")
    assert phone.hears == "da_thoi"
    assert not workday.leaders.is_enrolled("telegram", "100")
    assert workday.count("work_dialogue") == 0
    await phone.tells()
    await phone.taps("gui")
    assert phone.hears == "bien_nhan"


async def test_too_many_codes_are_slowed_down(workday: Workday) -> None:
    from intake.limits import Allowance

    workday.allowances = workday.allowances | {"look_up": Allowance(2, 10)}
    phone = workday.phone()
    await phone.says("/moi AAAA-BBBB-CCCC", "/moi AAAA-BBBB-CCCD", "/moi AAAA-BBBB-CCCE")
    assert phone.heard() == ["ma_moi_hong", "ma_moi_hong", "ma_moi_nhieu_lan"]


async def test_a_pause_is_kept_and_ended(workday: Workday) -> None:
    phone = await workday.enrolled()
    leader = workday.leaders.of_chat("telegram", "100")
    assert leader is not None
    await phone.says("/nghi")
    await phone.taps("nghi_1_tuan")
    assert phone.hears == "tam_dung"
    assert "27/3/2026" in phone.screen[-1].text
    assert workday.leaders.get(leader.id).paused_until is not None
    await phone.taps("nhac_lai")
    assert workday.leaders.get(leader.id).paused_until is None
