"""What acts gave back, and what is said of it: filed, refused, asked, enrolled, left.

Each part of the conversation knows its own acts; here a result finds the part that asked for it.
"""

from bot.flows import check_in_card as card
from bot.flows import check_in_receipt as receipt
from bot.flows import nudged, ward_desk, work_calendar, work_wishes
from bot.flows import work_menu as menu
from bot.flows.ward_shapes import Drawn, Reminded
from bot.flows.wish_shapes import Addressed, Asked
from bot.flows.work_shapes import Failed, Filing, Outcome, Told, WorkResult, WorkState, WorkStep
from bot.flows.work_words import tell
from bot.flows.work_world import WorkWorld


def came(state: WorkState, result: WorkResult, world: WorkWorld) -> Outcome | None:
    """Take what an act gave back; None: put the current question again."""
    match result:
        case Filing():
            return _filed(state, result, world)
        case Failed("hoi_truoc"):  # since the card was shown
            return card.ask_before_filing(state, world)
        case Failed("hoi_ly_do"):
            return card.ask_reason(state.but(reason=""), world)
        case Failed(reason, values):
            again = state.but(step="menu") if state.draft is None else state.but(step="card")
            return WorkStep(again, (tell(reason, world, "xem_viec", **values),))
        case Addressed():
            return work_calendar.show(state, result, world)
        case Asked():
            return nudged.came(state, result, world)
        case Told() | Drawn() | Reminded():
            known = ward_desk.came(state, result, world) or nudged.came(state, None, world)
            return known or work_wishes.came(state, world) or _told(state, world)


def _filed(state: WorkState, came: Filing, world: WorkWorld) -> WorkStep:
    match came.view.state:
        case "voided":
            after = state.quiet() if state.amends == came.view.id else state
            return receipt.taken_back(after, came, world)
        case _ if state.amends:
            return receipt.changed(state, came, world)
        case _:
            return receipt.filed(state, came, world)


def _told(state: WorkState, world: WorkWorld) -> WorkStep | None:
    match state.step:
        case "enrolling":
            welcome = menu.show(WorkState(language=state.language), world)
            return WorkStep(welcome.state, (tell("da_nhan_viec", world), *welcome.says))
        case "declining":
            return WorkStep(WorkState(), (tell("da_tu_choi", world),))
        case "leaving":
            return WorkStep(WorkState(), (tell("da_thoi", world),))
        case "exempting":
            told = tell("cho_duyet", world, "xem_viec")
            return WorkStep(state.but(step="menu", options=()), (told,))
        case _:
            return None
