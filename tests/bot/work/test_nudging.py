"""A nudge in a leader's chat: never into an open dialogue, and its buttons work for ever."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import pytest

from bot.messages import Outgoing
from bot.work.world import Workplace
from intake.errors import NotFound
from intake.nudging.shapes import AreaDigest, Handed, NudgeLine
from tests.bot.phones import FakePlatform
from tests.bot.telling import LINE, Hand, Teller
from tests.bot.work_rig import TO_3, TO_4, Workday

pytestmark = pytest.mark.anyio


# --- what arrives ---------------------------------------------------------------------------------


async def test_a_nudge_leads_straight_to_the_check_in_of_what_is_owed(teller: Teller) -> None:
    assert await teller.nudges_them() == Handed("sent")
    nudge = teller.phone.screen[-1]
    assert nudge.data == {"nudge": True}  # replies go first
    assert "còn **11 ngày**" in nudge.text
    await teller.phone.taps(nudge.choices[0].key)
    await teller.phone.taps("hom_qua")
    await teller.phone.says("35")
    await teller.phone.taps("luu")
    assert [(each.owner_id, each.kind) for each in teller.workday.filed] == [(TO_3, "outreach")]


async def test_its_buttons_work_when_the_conversation_has_been_forgotten(teller: Teller) -> None:
    await teller.nudges_them()
    button = teller.phone.screen[-1].choices[0].key
    teller.later(days=8)
    await teller.phone.dialogue.sweep()
    await teller.phone.taps(button)
    assert teller.phone.hears == "hoi_ngay"


async def test_a_button_that_is_tapped_again_after_days_is_answered(teller: Teller) -> None:
    await teller.nudges_them()
    button = teller.phone.screen[-1].choices[0].key
    await teller.phone.taps(button)  # and then they were called away
    teller.later(days=3)
    said = len(teller.phone.screen)
    await teller.phone.taps(button)
    assert teller.phone.heard(said) == ["con_nhap"]
    await teller.phone.again()  # the platform brings the same tap once more
    assert teller.phone.heard(said) == ["con_nhap"]


async def test_a_platform_without_buttons_numbers_them(workday: Workday) -> None:
    phone = await workday.enrolled(platform=FakePlatform("plain", buttons=False))
    teller = Teller(workday, phone)
    teller.later(hours=1)
    assert await teller.nudges_them() == Handed("sent")
    assert "1. Ghi ngay" in phone.screen[-1].text
    await phone.says("1")
    assert phone.hears == "hoi_ngay"


async def test_it_speaks_the_leaders_language_and_changes_nothing_of_the_chat(
    teller: Teller,
) -> None:
    await teller.nudges_them(language="en")
    assert "days** left" in teller.phone.screen[-1].text
    await teller.phone.says("/viec")
    assert "việc" in teller.phone.screen[-1].text


# --- never into an open dialogue ------------------------------------------------------------------


async def test_whoever_has_just_said_something_is_left_alone(teller: Teller) -> None:
    await teller.phone.says("/viec")
    before = len(teller.phone.screen)
    assert await teller.nudges_them() == Handed("busy")
    teller.later(minutes=3)
    assert len(teller.phone.screen) == before
    assert await teller.nudges_them() == Handed("sent")


async def test_an_open_question_is_left_alone_for_half_an_hour(teller: Teller) -> None:
    await teller.phone.says("/nghi")
    teller.later(minutes=10)
    assert await teller.nudges_them() == Handed("busy")
    teller.later(minutes=25)
    assert await teller.nudges_them() == Handed("sent")


async def test_an_open_draft_is_never_talked_over(teller: Teller) -> None:
    await teller.phone.says(LINE)
    teller.later(hours=5)
    assert await teller.nudges_them() == Handed("busy")
    assert teller.phone.hears == "the_xac_nhan"


async def test_an_open_draft_is_told_of_once_and_no_duty_with_it(teller: Teller) -> None:
    await teller.phone.says(LINE)
    assert await teller.nudges_them(draft_open=True, lines=()) == Handed("busy")
    teller.later(hours=5)
    assert await teller.nudges_them(draft_open=True, lines=()) == Handed("sent")
    assert teller.phone.hears == "con_nhap"
    teller.later(hours=20)
    assert await teller.nudges_them(draft_open=True, lines=()) == Handed("busy")
    assert await teller.phone.dialogue.sweep() is None
    await teller.phone.dialogue.settle()
    assert teller.phone.heard().count("con_nhap") == 1
    await teller.phone.taps("luu")
    assert len(teller.workday.filed) == 1


async def test_a_digest_passes_by_an_open_draft_that_was_told_of(teller: Teller) -> None:
    await teller.phone.says(LINE)
    teller.later(hours=5)
    await teller.nudges_them(draft_open=True, lines=())
    digest = AreaDigest("D1-01", "phường", "Tuyên truyền", "tháng 3/2026", 1, 2, ("tổ 3",))
    told = {"lines": (), "digests": (digest,)}
    teller.later(hours=1)
    assert await teller.nudges_them(**told) == Handed("sent")
    await teller.phone.taps("luu")
    assert len(teller.workday.filed) == 1


async def test_a_message_that_comes_meanwhile_waits_for_the_nudge(teller: Teller) -> None:
    release, begun = asyncio.Event(), asyncio.Event()
    platform, send = teller.phone.platform, teller.phone.platform.send

    async def slow(address: str, message: Outgoing) -> str:
        if message.data.get("nudge"):
            begun.set()
            await release.wait()
        return await send(address, message)

    platform.send = slow
    nudging = asyncio.create_task(teller.nudges_them())
    await begun.wait()
    talking = asyncio.create_task(teller.phone.says("/viec"))
    await asyncio.sleep(0)
    assert not talking.done()
    release.set()
    assert await nudging == Handed("sent")
    await talking
    assert teller.phone.heard()[-2:] == ["nhac", "dau_thang"]


# --- what leaders ask for -------------------------------------------------------------------------


async def test_a_snooze_a_rest_and_reminders_again_are_kept(teller: Teller) -> None:
    await teller.nudges_them()
    await teller.phone.taps("@hen.20260327")
    leader = teller.content().leader_id
    assert _snoozes(teller.workday) == [(leader, date(2026, 3, 27))]
    await teller.phone.says("tạm dừng đến 5/4")
    assert teller.workday.leaders.get(leader).paused_until == date(2026, 4, 5)
    await teller.phone.says("nhắc lại")
    assert teller.workday.leaders.get(leader).paused_until is None
    assert _snoozes(teller.workday) == []


async def test_language_and_address_hold_for_the_next_nudge(teller: Teller) -> None:
    await teller.phone.says("/xungho")
    await teller.phone.taps("xh_co")
    assert "gọi là **cô**" in teller.phone.screen[-1].text
    await teller.phone.says("/nn")
    await teller.phone.taps("nn_en")
    leader = teller.workday.leaders.get(teller.content().leader_id)
    assert (leader.address_as, leader.language) == ("cô", "en")


async def test_what_stands_in_the_way_is_seen_by_the_ward_until_it_is_done(
    workday: Workday, teller: Teller
) -> None:
    late = teller.content()
    (line,) = late.lines
    await teller.nudges_them(lines=(_late(line),))
    await teller.phone.taps(f"@vuong.{teller.owed(TO_3)}")
    await teller.phone.says("nhà văn hóa đang sửa")
    assert teller.phone.hears == "da_bao_vuong"
    ward = await workday.enrolled("D1-01", address="200")
    await ward.says("/thieu")
    assert "nhà văn hóa đang sửa" in ward.screen[-1].text
    await teller.phone.says(LINE)
    await teller.phone.taps("luu")
    await ward.says("/thieu")
    assert all("đang sửa" not in message.text for message in ward.screen[-2:])


async def test_a_stand_in_is_asked_by_name_and_nobody_is_a_plain_answer(workday: Workday) -> None:
    hand = Hand()
    workday.workplace = _with(workday, hand)
    teller = Teller(workday, await workday.enrolled())
    teller.later(hours=1)
    await teller.nudges_them()
    teller.later(hours=1)
    asks = f"@nho.{teller.owed(TO_3)}"
    close = _close(teller.content().lines[0])
    await teller.nudges_them(lines=(close,), stand_in="Trần Thị Lan")
    await teller.phone.taps(asks)
    assert teller.phone.hears == "khong_co_nguoi_thay"
    deputy = workday.leaders.add("Trần Thị Lan", "cô")
    workday.leaders.assign(deputy.id, TO_3, "deputy", date(2026, 1, 1))
    teller.later(minutes=5)
    await teller.nudges_them(lines=(close,), stand_in="Trần Thị Lan")
    hand.answers = {deputy.id: "over"}  # it is late in the evening: nobody is to be woken
    await teller.phone.taps(asks)
    assert teller.phone.hears == "ngoai_gio_nho"
    hand.answers, hand.asked = {}, []
    await teller.phone.taps(asks)
    assert "Đã nhờ **Trần Thị Lan**" in teller.phone.screen[-1].text
    mine = teller.content().leader_id.hex()
    assert hand.asked == [(deputy.id, f"leader:{mine}")]


async def test_the_ward_reminds_by_hand_whoever_is_missing_and_reads_who_gets_none(
    workday: Workday,
) -> None:
    first, second = workday.leader(TO_3), workday.leader(TO_4, name="Lê Thị Ví")
    hand = Hand({second.id: "told"})
    workday.workplace = _with(workday, hand)
    ward = await workday.enrolled("D1-01", address="200")
    await ward.says("/nhac")
    assert ward.hears == "nhac_tay_hoi"
    assert hand.asked == []
    await ward.taps("p_nhac_that")
    assert {leader for leader, _ in hand.asked} == {first.id, second.id}
    text = ward.screen[-1].text
    assert "Đã xếp **1 tin**" in text
    assert "tổ dân phố số 4 (đã nhắc hôm nay)" in text


async def test_a_leader_who_types_remind_gets_reminders_back_and_reminds_nobody(
    workday: Workday,
) -> None:
    hand = Hand()
    workday.workplace = _with(workday, hand)
    phone = await workday.enrolled()
    await phone.says("/nhac")
    assert phone.hears == "da_nhac_lai"
    assert hand.asked == []


def _with(workday: Workday, hand: Hand) -> Workplace:
    return replace(workday.workplace, by_hand=hand)


def _late(line: NudgeLine) -> NudgeLine:
    return replace(line, days_left=-3)


def _close(line: NudgeLine) -> NudgeLine:
    return replace(line, days_left=2)


def _snoozes(workday: Workday) -> list[tuple[bytes, date]]:
    with workday.ward.intake.read() as view:
        rows = view.connection.exec_driver_sql("SELECT leader_id, until FROM nudge_snooze").all()
    return [(bytes(who), date.fromisoformat(str(until))) for who, until in rows]


# --- the commands beside the writing line ---------------------------------------------------------


@dataclass
class MenuPlatform:
    """A platform's side that notes which commands each chat shows."""

    shown: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def on(self, platform: FakePlatform) -> FakePlatform:
        async def show_menu(address: str, entries: Sequence[tuple[str, str]]) -> None:
            self.shown[address] = [name for name, _ in entries]

        platform.show_menu = show_menu  # type: ignore[attr-defined]
        return platform


async def test_a_wards_chat_shows_the_wards_commands_and_a_leaders_only_its_own(
    workday: Workday,
) -> None:
    menus, platform = MenuPlatform(), FakePlatform()
    menus.on(platform)
    dialogue = workday.dialogue()
    dialogue.join(platform)
    phones = {each: workday.phone(platform, dialogue, each) for each in ("100", "200")}
    for (address, phone), owner in zip(phones.items(), (TO_3, "D1-01"), strict=True):
        await phone.says(f"/start moi_{workday.leaders.invite(workday.leader(owner).id)}")
        assert address not in menus.shown
        await phone.taps("dong_y_viec")
    assert menus.shown["100"][:3] == ["viec", "nghi", "xungho"]
    assert "thieu" not in menus.shown["100"]
    assert menus.shown["200"][:5] == ["thieu", "bang", "duyet", "dagui", "nhac"]
    await phones["100"].says("/thoi")
    await phones["100"].taps("thoi_that")
    assert menus.shown["100"] == []


async def test_what_stands_in_the_way_stands_in_the_wards_console_until_it_is_settled(
    teller: Teller,
) -> None:
    workday, owed = teller.workday, teller.owed(TO_3)
    leader = teller.content().leader_id.hex()
    workday.workplace.services.hindrances.tell(owed, leader, "nhà văn hóa đang sửa")
    clerk = workday.ward.sign_in("phuong.em")
    review = workday.ward.services.work.review
    (found,) = review.hindrances(clerk)
    assert (found.owner_id, found.words) == (TO_3, "nhà văn hóa đang sửa")
    review.settle(clerk, owed)
    assert review.hindrances(clerk) == ()
    for strange in (owed, "00", "x"):
        with pytest.raises(NotFound):
            review.settle(clerk, strange)
