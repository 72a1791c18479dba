"""A nudge in a leader's chat: never into an open dialogue, and its buttons work for ever."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest

from bot.channels.base import AddressGone, AskedToWait, MayHaveArrived
from bot.messages import Outgoing
from bot.work.nudging import WorkNudges
from bot.work.world import Workplace
from intake.errors import ChannelDown, DatabaseBusy, NotFound
from intake.nudge_shapes import AreaDigest, Begin, Handed, NudgeContent, NudgeLine
from storage.errors import Stale
from tests.bot.phones import FakePlatform, Phone
from tests.bot.work_rig import TO_3, TO_4, Workday

pytestmark = pytest.mark.anyio
LINE = "tuyên truyền 10/3 nhà văn hóa 45 người"
MARCH = date(2026, 3, 20)


@dataclass
class Hand:
    """Stands in for planning by hand: notes who was asked for, and by whom."""

    answers: Mapping[bytes, str] = field(default_factory=dict[bytes, str])
    asked: list[tuple[bytes, str]] = field(default_factory=list[tuple[bytes, str]])

    def ask(self, leader_ids: Sequence[bytes], by: str) -> Mapping[bytes, str]:
        self.asked += [(leader, by) for leader in leader_ids]
        return {leader: self.answers.get(leader, "") for leader in leader_ids}


async def at_once() -> bool:
    """Nothing has changed: it may leave."""
    return True


class Teller:
    """The teller over one dialogue, and what a nudge to its leader holds."""

    def __init__(self, workday: Workday, phone: Phone) -> None:
        self.workday = workday
        self.phone = phone
        desk = phone.dialogue._work
        assert desk is not None
        name = phone.platform.capabilities.name
        self.nudges = WorkNudges(
            workday.ward.intake, desk, {name: phone.platform}, phone.dialogue.lock, "https://ban"
        )

    async def nudges_them(self, begin: Begin | None = None, **changes: object) -> Handed:
        name = self.phone.platform.capabilities.name
        content = self.content(**changes)
        return await self.nudges.nudge(name, self.phone.address, content, begin or at_once)

    def content(self, owner: str = TO_3, kind: str = "outreach", **changes: object) -> NudgeContent:
        leader = self.workday.leaders.of_chat(
            self.phone.platform.capabilities.name, self.phone.address
        )
        owed = self.owed(owner, kind)
        last = date(2026, 3, 31)
        line = NudgeLine(
            subject=bytes.fromhex(owed), sort="duty", owner_id=owner, owner_name="tổ",
            title="Tuyên truyền", period_label="tháng 3/2026", rung="-14", named_on=None,
            last_good_on=last, safe_on=last, days_left=11,
        )  # fmt: skip
        values: dict[str, object] = {
            "nudge_id": b"n" * 16, "leader_id": leader.id if leader else b"?" * 16,
            "name": "Nguyễn Văn Hòa", "address_as": "bác", "language": "vi", "day": MARCH,
            "lines": (line,), "snooze_on": date(2026, 3, 27),
        }  # fmt: skip
        return NudgeContent(**(values | changes))  # type: ignore[arg-type]

    def owed(self, owner: str, kind: str = "outreach") -> str:
        standing = self.workday.workplace.obligations.standing(owner, MARCH)
        return next(each.obligation_id for each in standing if each.kind == kind)

    def later(self, **time: float) -> None:
        self.workday.ward.clock.advance(timedelta(**time))


@pytest.fixture
async def teller(workday: Workday) -> Teller:
    """A leader who enrolled an hour ago."""
    phone = await workday.enrolled()
    teller = Teller(workday, phone)
    teller.later(hours=1)
    return teller


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


# --- what a platform does -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trouble", "handed"),
    [
        (AddressGone("left"), Handed("gone")),
        (AskedToWait(37), Handed("later", 37)),
        (ChannelDown("down"), Handed("later")),
        (MayHaveArrived("who knows"), Handed("sent")),
    ],
)
async def test_what_a_platform_does_is_an_answer_and_never_an_error(
    teller: Teller, trouble: Exception, handed: Handed
) -> None:
    async def send(address: str, message: Outgoing) -> str:
        raise trouble

    teller.phone.platform.send = send
    assert await teller.nudges_them() == handed


async def test_a_chat_that_is_no_longer_this_leaders_gets_nothing(teller: Teller) -> None:
    before = len(teller.phone.screen)
    assert await teller.nudges_them(leader_id=b"another leader!!") == Handed("busy")
    content = teller.content()  # nobody has blocked anything: the new leader's chat stays open
    assert await teller.nudges.nudge("telegram", "unknown", content, at_once) == Handed("busy")
    assert len(teller.phone.screen) == before


async def test_a_channel_that_is_closed_here_is_tried_later(teller: Teller) -> None:
    content = teller.content()
    assert (await teller.nudges.nudge("zalo", "100", content, at_once)).how == "later"
    assert teller.nudges.channels == ("telegram",)


@pytest.mark.parametrize("error", [Stale("x"), DatabaseBusy("x")])
async def test_a_nudge_whose_buttons_cannot_be_noted_has_not_begun(
    teller: Teller, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def write(_: object, _work: object) -> None:
        raise error

    async def begin() -> bool:
        pytest.fail("it counts as sent")

    before = len(teller.phone.screen)
    monkeypatch.setattr(type(teller.workday.ward.intake), "write", write)
    if isinstance(error, DatabaseBusy):
        with pytest.raises(DatabaseBusy):  # its lease runs out, and no try is counted
            await teller.nudges_them(begin)
    else:
        assert await teller.nudges_them(begin) == Handed("busy")
    assert len(teller.phone.screen) == before


async def test_a_nudge_begins_when_its_turn_has_come_and_nobody_who_writes_waits_with_it(
    teller: Teller,
) -> None:
    order: list[str] = []
    let_go = asyncio.Event()

    async def turn(_address: str) -> None:
        order.append("waits")
        await let_go.wait()

    async def begin() -> bool:
        order.append("begins")
        return True

    teller.phone.platform.turn = turn  # type: ignore[attr-defined]
    nudging = asyncio.create_task(teller.nudges_them(begin))
    while not order:
        await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await teller.phone.says("/trogiup")  # answered while the nudge waits
    assert order == ["waits"]
    teller.later(minutes=3)
    let_go.set()
    assert await nudging == Handed("sent")
    assert order == ["waits", "begins"]
    assert teller.phone.screen[-1].data == {"nudge": True, "paced": True}


@pytest.mark.parametrize("draft", [False, True])
async def test_a_nudge_that_is_not_to_leave_after_all_is_kept(
    teller: Teller, *, draft: bool
) -> None:
    async def begin() -> bool:
        return False

    if draft:
        await teller.phone.says(LINE)
        teller.later(hours=5)
    before = len(teller.phone.screen)
    wanted = {"draft_open": True, "lines": ()} if draft else {}
    assert await teller.nudges_them(begin, **wanted) == Handed("kept")
    assert len(teller.phone.screen) == before
    assert await teller.nudges_them(**wanted) == Handed("sent")


async def test_what_has_left_in_part_goes_to_no_other_chat(teller: Teller) -> None:
    await teller.phone.says(LINE)
    teller.later(hours=5)
    send = teller.phone.platform.send
    speak = teller.nudges._desk.speaker.speak

    def twice(*args: object) -> object:
        messages, state = speak(*args)  # type: ignore[arg-type]
        return (*messages, *messages), state

    async def once(address: str, message: Outgoing) -> str:
        teller.phone.platform.send = gone
        return await send(address, message)

    async def gone(address: str, message: Outgoing) -> str:
        raise AddressGone("left")

    teller.nudges._desk.speaker.speak = twice  # type: ignore[method-assign]
    teller.phone.platform.send = once
    assert await teller.nudges_them(draft_open=True, lines=()) == Handed("sent")


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
