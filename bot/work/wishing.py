"""Does what leaders ask of the reminders: a rest, a snooze, a stand-in, what stands in the way."""

from bot.flows.wish_shapes import (
    AddressAs,
    Asked,
    AskStandIn,
    Pause,
    Snooze,
    Speak,
    TellTrouble,
    WishAct,
)
from bot.flows.work_shapes import Failed, Told
from bot.work.world import Workplace
from intake.work.stand_ins import StandIn, StandIns


def grant(act: WishAct, leader_id: bytes, workplace: Workplace) -> Told | Asked | Failed:
    """Do one act.

    Raises:
        Refused: as the services do.
    """
    work = workplace.services
    match act:
        case Pause(until):
            work.wishes.pause(leader_id, until)
        case Snooze(until):
            work.wishes.snooze(leader_id, until)
        case Speak(language):
            work.wishes.speak(leader_id, language)
        case AddressAs(form):
            work.wishes.address_as(leader_id, form)
        case TellTrouble(obligation_id, words):
            work.hindrances.tell(obligation_id, leader_id.hex(), words)
        case AskStandIn(obligation_id):
            return _ask(obligation_id, leader_id, workplace)
    return Told()


def _ask(obligation_id: str, leader_id: bytes, workplace: Workplace) -> Asked | Failed:
    by_hand = workplace.by_hand
    stand_ins = StandIns(workplace.services.intake, by_hand) if by_hand else None
    asked = stand_ins.ask(obligation_id, leader_id) if stand_ins else StandIn()
    if asked.name:
        return Asked(asked.name)
    return Failed("ngoai_gio_nho" if asked.is_closed else "khong_co_nguoi_thay")
