"""`/nhac` in the ward's own chat keeps the rules of the console: audited, stopped, nobody's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from intake.nudging.stops import EVERYWHERE, switch_of
from storage.own_addresses import OfficerPersonRow
from tests.bot.phones import Phone
from tests.bot.work_rig import TO_3, TO_4, Workday

pytestmark = pytest.mark.anyio
WARD = "D1-01"


@dataclass
class Hand:
    """Stands in for planning by hand: notes who was asked for."""

    asked: list[bytes] = field(default_factory=list[bytes])

    def ask(self, leader_ids: Sequence[bytes], by: str) -> Mapping[bytes, str]:
        del by
        self.asked += leader_ids
        return dict.fromkeys(leader_ids, "")


@pytest.fixture
def hand(workday: Workday) -> Hand:
    hand = Hand()
    workday.workplace = replace(workday.workplace, by_hand=hand)
    return hand


async def reminds(workday: Workday) -> Phone:
    """The ward's own chat reminds whoever is missing."""
    phone = await workday.enrolled(WARD, address="200")
    await phone.says("/nhac")
    return await phone.taps("p_nhac_that")


def audited(workday: Workday) -> list[tuple[str, str, str]]:
    with workday.ward.intake.read() as view:
        return [
            (row.actor, row.act, row.subject)
            for row in view.audit.rows(0)
            if row.act == "nudge.hand"
        ]


async def test_it_is_written_down_as_the_wards_act_and_names_no_leader(
    workday: Workday, hand: Hand
) -> None:
    leader = workday.leader(TO_3)
    await reminds(workday)
    assert hand.asked == [leader.id]
    assert audited(workday) == [(f"ward:{WARD}", "nudge.hand", WARD)]


@pytest.mark.parametrize("name", [EVERYWHERE, switch_of("D1"), switch_of(WARD)])
async def test_while_reminders_are_stopped_nobody_is_asked_and_the_ward_is_told(
    workday: Workday, hand: Hand, name: str
) -> None:
    workday.leader(TO_3)
    now = workday.ward.clock.now()
    workday.ward.intake.write_now(lambda tx: tx.nudges.stop(name, now, "officer:1"))
    phone = await reminds(workday)
    assert phone.hears == "dang_dung_nhac"
    assert hand.asked == []
    assert audited(workday) == []


async def test_an_officers_own_chat_is_not_reminded_by_hand(workday: Workday, hand: Hand) -> None:
    first, second = workday.leader(TO_3), workday.leader(TO_4)
    with workday.ward.intake.read() as view:
        officer = view.officers.by_login("phuong.binh")
    assert officer is not None
    own = OfficerPersonRow(officer.id, second.id)
    workday.ward.intake.write_now(lambda tx: tx.own_addresses.link(own))
    phone = await reminds(workday)
    assert hand.asked == [first.id]
    assert "tổ dân phố số 4 (nhắc riêng)" in phone.screen[-1].text
