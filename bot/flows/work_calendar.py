"""A leader's own calendar: asks for its address, shows it once, takes it back. Pure."""

from bot.flows.wish_shapes import Addressed, MakeCalendar, TakeBackCalendar
from bot.flows.work_shapes import WorkState, WorkStep
from bot.flows.work_words import tell
from bot.flows.work_world import WorkWorld

TAKE_BACK = "thu_hoi_lich"
_TAKING_BACK = "taking_back"


def ask(state: WorkState) -> WorkStep:
    """Ask for a new address; the old one stops working."""
    return WorkStep(state.but(step="menu", options=()), act=MakeCalendar())


def tap(state: WorkState, key: str, world: WorkWorld) -> WorkStep | None:
    """Let the address stop working, where that is the button."""
    del world
    if key != TAKE_BACK:
        return None
    return WorkStep(state.but(step=_TAKING_BACK, options=()), act=TakeBackCalendar())


def show(state: WorkState, made: Addressed, world: WorkWorld) -> WorkStep:
    """Show the address; it is told once and kept nowhere."""
    told = tell("lich_cua_toi", world, TAKE_BACK, "xem_viec", dia_chi=made.address)
    return WorkStep(state, (told,))


def came(state: WorkState, world: WorkWorld) -> WorkStep | None:
    """Say that the address opens nothing any more; None where nothing of this was asked for."""
    if state.step != _TAKING_BACK:
        return None
    return WorkStep(state.but(step="menu"), (tell("da_thu_hoi_lich", world, "xem_viec"),))
