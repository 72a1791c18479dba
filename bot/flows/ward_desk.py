"""The ward's own chat: who is missing, the table, accepting what was filed, what was sent.

For whoever holds a commune; in any other chat every function here answers None and the
conversation goes on as if it did not exist. Pure, as the rest of the flow.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from bot.flows import check_in_card as card
from bot.flows import ward_reminding as reminding
from bot.flows import ward_sending as sending
from bot.flows import work_words as words
from bot.flows.base import Commanded
from bot.flows.ward_shapes import (
    Approve,
    AskBack,
    Drawn,
    DrawTable,
    Missing,
    Reminded,
    RemindMissing,
    WardWorld,
)
from bot.flows.work_shapes import Outcome, Phrase, Phrases, Tell, Told, WorkState, WorkStep
from bot.flows.work_words import tell
from bot.flows.work_world import WorkWorld
from intake.text import clean, is_empty
from intake.work.check_in_shapes import CheckInView

REVIEW, ASKING, DRAWING = "w_duyet", "w_hoi_lai", "w_bang"
_COMMANDS = {"phuong", "thieu", "bang", "duyet", "dagui", "nhac"}
_MENU = ("p_thieu", "p_bang", "p_duyet", "p_gui")
_COMMAND_OF: dict[str, str] = {
    "p_thieu": "thieu", "p_bang": "bang", "p_duyet": "duyet", "p_gui": "dagui", "p_nhac": "nhac",
}  # fmt: skip
_ON_REVIEW = frozenset({"p_ok", "p_lai", "p_sau", "p_loat", "p_thoi"})
_MOST_NAMES = 30
_LONGEST_QUESTION = 300


# --- ways in --------------------------------------------------------------------------------------


def obey(state: WorkState, command: Commanded, world: WorkWorld) -> Outcome | None:
    """Carry out a command of the ward; None where it is none, or this is no ward's chat."""
    if command.name not in _COMMANDS or (ward := world.ward) is None:
        return None
    if state.draft is not None:
        return card.still_open(state, world)
    match command.name:
        case "thieu":
            return _show_missing(state, ward, world)
        case "bang":
            return WorkStep(state.but(step=DRAWING, options=()), act=DrawTable())
        case "duyet":
            return _show_next(state.but(options=()), ward, world)
        case "dagui":
            return sending.show(state, ward, world)
        case "nhac":
            return reminding.show(state, ward, world)
        case _:
            told = tell("viec_phuong", world, *_MENU, "xem_viec", phuong=ward.name)
            return WorkStep(state.but(step="menu", options=()), (told,))


def tap(state: WorkState, key: str, world: WorkWorld) -> Outcome | None:
    """Carry out a button of the ward."""
    if not key.startswith(("p_", sending.CHOICE)) or (ward := world.ward) is None:
        return None
    if state.step in sending.STEPS:
        return sending.tap(state, key, ward, world)
    if state.step == reminding.SURE and key == "p_nhac_that":
        return WorkStep(state, act=RemindMissing())
    if state.step not in {REVIEW, ASKING} or key not in _ON_REVIEW:
        return obey(state, Commanded(_COMMAND_OF.get(key, "phuong")), world)
    return _review(state, key, ward, world)


def _review(state: WorkState, key: str, ward: WardWorld, world: WorkWorld) -> Outcome:
    """Carry out a button under a check-in that waits."""
    current, digest, *skipped = (*state.options, "", "")
    match key:
        case "p_ok":
            return WorkStep(state.but(step=REVIEW), act=Approve((current,)))
        case "p_lai":
            return WorkStep(state.but(step=ASKING), (tell("go_cau_hoi", world, "p_thoi"),))
        case "p_sau":
            kept = tuple(each for each in (*skipped, current) if each)
            return _show_next(state.but(options=("", "", *kept)), ward, world)
        case "p_thoi":
            return _show_next(state, ward, world)
        case _:
            ids = _unflagged(ward.waiting())
            if _digest(ids) != digest:
                again = _show_next(state, ward, world)
                return WorkStep(again.state, (tell("danh_sach_doi", world), *again.says))
            return WorkStep(state.but(step=REVIEW), act=Approve(ids))


def say(state: WorkState, text: str, world: WorkWorld) -> Outcome | None:
    """Take words as the answer to what the ward's side has asked."""
    if state.step in sending.STEPS and (ward := world.ward) is not None:
        return sending.say(state, text, ward, world)
    if state.step != ASKING or world.ward is None or not state.options:
        return None
    question = clean(text)[:_LONGEST_QUESTION]
    if is_empty(question):
        return WorkStep(state, (tell("go_cau_hoi", world, "p_thoi"),))
    if world.refuses(question):
        return card.refused(state, world)
    return WorkStep(state, act=AskBack(state.options[0], question))


def again(state: WorkState, world: WorkWorld) -> WorkStep | None:
    """Put the ward's current question once more."""
    if not state.step.startswith("w_") or (ward := world.ward) is None:
        return None
    if state.step in sending.STEPS:
        return sending.again(state, ward, world)
    if state.step == ASKING:
        return WorkStep(state, (tell("go_cau_hoi", world, "p_thoi"),))
    if state.step == reminding.SURE:
        return reminding.show(state, ward, world)
    return _show_next(state, ward, world) if state.step == REVIEW else None


def came(state: WorkState, result: Told | Drawn | Reminded, world: WorkWorld) -> Outcome | None:
    """Go on after an act of the ward's."""
    if not state.step.startswith("w_") or (ward := world.ward) is None:
        return None
    if isinstance(result, Reminded):
        return reminding.done(state, result, world)
    if isinstance(result, Drawn):
        return _drawn(state, result, ward, world)
    if state.step in sending.STEPS:
        return sending.done(state, ward, world)
    key = "da_hoi_lai" if state.step == ASKING else "da_duyet"
    after = _show_next(state, ward, world)
    return WorkStep(after.state, (tell(key, world), *after.says))


# --- who is missing -------------------------------------------------------------------------------


def _show_missing(state: WorkState, ward: WardWorld, world: WorkWorld) -> WorkStep:
    state = state.but(step="menu", options=())
    missing = ward.missing()
    if not missing:
        return WorkStep(state, (tell("khong_thieu", world, *_MENU[1:], phuong=ward.name),))
    told = [_missing(each, world) for each in missing]
    if hindered := reminding.in_the_way(ward, world):
        told.append(hindered)
    return WorkStep(state, (*told[:-1], replace(told[-1], choices=(*_MENU[1:], "p_nhac"))))


def _missing(missing: Missing, world: WorkWorld) -> Tell:
    shown = tuple(Phrase("chu", {"chu": name}) for name in missing.names[:_MOST_NAMES])
    rest = len(missing.names) - len(shown)
    more = (Phrase("va_don_vi_khac", {"n": rest}),) if rest else ()
    last = missing.last_good_on
    return tell(
        "con_thieu_viec",
        world,
        viec=missing.title,
        ky=missing.period_label,
        x=missing.met,
        y=missing.expected,
        n=len(missing.names),
        danh_sach=Phrases((*shown, *more)),
        han=words.day(last) if last else None,
    )


# --- the table ------------------------------------------------------------------------------------


def _drawn(state: WorkState, drawn: Drawn, ward: WardWorld, world: WorkWorld) -> WorkStep:
    state = state.but(step="menu", options=())
    if not drawn.files:
        return WorkStep(state, (tell("chua_co_bang", world, phuong=ward.name),))
    keys = ("bang_tep" if not file.is_picture else "bang_anh" for file in drawn.files)
    told = [
        replace(tell(key, world, phuong=ward.name), file=file)
        for key, file in zip(keys, drawn.files, strict=True)
    ]
    return WorkStep(state, tuple(told))


# --- accepting ------------------------------------------------------------------------------------


def _show_next(state: WorkState, ward: WardWorld, world: WorkWorld) -> WorkStep:
    """Show the next check-in that waits and was not put aside."""
    skipped = state.options[2:]
    waiting = ward.waiting()
    left = [view for view in waiting if view.id not in skipped]
    if not left:
        key = "con_de_sau" if waiting else "het_duyet"
        told = tell(key, world, "p_duyet" if waiting else "p_thieu", n=len(waiting))
        return WorkStep(state.but(step="menu", options=()), (told,))
    ids = _unflagged(waiting)
    bulk = {"p_loat": Phrase("duyet_loat", {"n": len(ids)})} if len(ids) > 1 else {}
    state = state.but(step=REVIEW, options=(left[0].id, _digest(ids), *skipped))
    told = tell("buoi_cho_duyet", world, "p_ok", "p_lai", "p_sau", *bulk, n=len(waiting),
                **_values(left[0]))  # fmt: skip
    return WorkStep(state, (replace(told, labels=bulk),))


def _values(view: CheckInView) -> dict[str, object]:
    flags = tuple(Phrase(_FLAGS[flag]) for flag in view.flags if flag in _FLAGS)
    return {
        "to": words.cut(view.owner_name),
        "viec": words.kind_of(view.counts_as),
        "ngay": words.day(view.done_on),
        "so": words.number_of(view),
        "noi": words.cut(view.place) if view.place else None,
        "chu_tri": words.cut(view.chair) if view.chair else None,
        "ghi_chu": words.cut(view.note, 200) if view.note else None,
        "anh": Phrase("so_tep", {"n": view.photos}) if view.photos else None,
        "co": Phrases(flags) if flags else None,
    }


_FLAGS = {
    "dong_qua": "co_dong_qua",
    "da_co": "co_da_co",
    "qua_cu": "co_qua_cu",
    "giong_nhau": "co_giong_nhau",
    "ky_da_khoa": "co_ky_khoa",
}


def _unflagged(waiting: Sequence[CheckInView]) -> tuple[str, ...]:
    return tuple(view.id for view in waiting if not view.flags)


def _digest(ids: Sequence[str]) -> str:
    """Return a mark of a list: what is accepted at once is what was counted out loud."""
    return hashlib.sha256(",".join(sorted(ids)).encode()).hexdigest()[:16]
