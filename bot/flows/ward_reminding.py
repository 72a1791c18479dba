"""Reminding by hand in the ward's own chat, and what leaders say stands in the way. Pure."""

from bot.flows import work_words as words
from bot.flows.ward_shapes import Reminded, WardWorld
from bot.flows.work_shapes import Phrase, Phrases, Tell, WorkState, WorkStep
from bot.flows.work_words import tell
from bot.flows.work_world import WorkWorld

SURE = "w_nhac"
_MOST = 12
_WHY = {
    "nothing": "khong_nhac.nothing",
    "left": "khong_nhac.left",
    "paused": "khong_nhac.paused",
    "busy": "khong_nhac.busy",
    "snoozed": "khong_nhac.snoozed",
    "draft": "khong_nhac.draft",
    "told": "khong_nhac.told",
    "quiet": "khong_nhac.quiet",
    "cap": "khong_nhac.cap",
    "over": "khong_nhac.over",
    "phone": "khong_nhac.phone",
    "nobody": "khong_nhac.nobody",
    "own": "khong_nhac.own",
}


def show(state: WorkState, ward: WardWorld, world: WorkWorld) -> WorkStep:
    """Say who would be reminded; nothing is sent before [Nhắc ngay]."""
    names = {name for each in ward.missing() for name in each.names}
    if not names:
        told = tell("khong_thieu", world, "p_bang", "p_duyet", "p_gui", phuong=ward.name)
        return WorkStep(state.but(step="menu", options=()), (told,))
    choices = ("p_nhac_that", "p_thieu", "xem_viec")
    told = tell("nhac_tay_hoi", world, *choices, phuong=ward.name, n=len(names))
    return WorkStep(state.but(step=SURE, options=()), (told,))


def done(state: WorkState, came: Reminded, world: WorkWorld) -> WorkStep:
    """Say how many messages wait to leave, and who gets none and why."""
    shown = tuple(
        Phrase("khong_nhac_ai", {"to": name, "vi_sao": Phrase(_WHY.get(why, _WHY["nothing"]))})
        for name, why in came.refused[:_MOST]
    )
    refused = Phrases((*shown, *_more(len(came.refused)))) if shown else None
    told = tell("da_nhac_tay", world, "p_thieu", "xem_viec", n=came.planned, danh_sach=refused)
    return WorkStep(state.but(step="menu", options=()), (told,))


def in_the_way(ward: WardWorld, world: WorkWorld) -> Tell | None:
    """Return what leaders say stands in the way; None where nothing does."""
    found = ward.in_the_way()
    if not found:
        return None
    shown = tuple(
        Phrase("vuong_mac_cua", {"to": name, "chu": words.cut(said, 120)})
        for name, said in found[:_MOST]
    )
    return tell("vuong_mac_cho", world, danh_sach=Phrases((*shown, *_more(len(found))), "; "))


def _more(n: int) -> tuple[Phrase, ...]:
    return (Phrase("va_don_vi_khac", {"n": n - _MOST}),) if n > _MOST else ()
