"""The end of a tip: telling phrases, the exact text, changes, a sealed name, the receipt.

Nothing is submitted that was not shown. The preview prints ``compose(draft)``, the very text that
will be sealed; this module must never show anything else as "what officers will read".
"""

from functools import partial

from bot.flows.asking import (
    Outcome,
    Question,
    asking,
    go_back,
    only_buttons,
    refuse,
    says_nothing,
)
from bot.flows.base import KeepAddress, Said, Say, State, Step, Submit, Wipe
from bot.flows.story import reopen
from bot.flows.world import World
from intake.drafts import compose
from intake.receipts import grouped
from intake.text import clean, keeps_its_sense, without

URGENT = ("gap_ngay", "gap")  # said above the preview; the second offers to wait like others
FIELDS = ("what", "where", "when", "more")
EDITS = {"sua_viec": "what", "sua_cho": "where", "sua_luc": "when", "sua_them": "more"}
MAX_CONTACT_BYTES = 400  # an identity slot has one size, with a name or without


# --- telling phrases ------------------------------------------------------------------------------


def _open_phrases(state: State, world: World) -> list[tuple[str, str]]:
    """Return (field, phrase) for everything that may betray the reporter and is not yet decided."""
    return [
        (field, phrase)
        for field in FIELDS
        for phrase in world.telling_phrases(getattr(state.draft, field))
        if phrase not in state.kept
    ]


def _has_open_phrases(state: State, world: World) -> bool:
    return bool(_open_phrases(state, world))


def _ask_phrase(state: State, world: World) -> tuple[Say, ...]:
    field, phrase = _open_phrases(state, world)[0]
    return (ask_about(getattr(state.draft, field), phrase),)


def ask_about(text: str, phrase: str) -> Say:
    """Return the question about one telling phrase; no cut is offered that would leave too little.

    What tells who wrote it may be all that there is: then only the person can say it otherwise.
    """
    if keeps_its_sense(text, phrase):
        key, choices = "lo_than", ("bo_cho_do", "sua_lai", "giu_nguyen")
    else:
        key, choices = "lo_than_sua", ("sua_lai", "giu_nguyen")
    return Say(key, {"doan": phrase}, choices=choices, private=True)


def _cut_phrase(state: State, world: World) -> State:
    field, phrase = _open_phrases(state, world)[0]
    left = without(getattr(state.draft, field), phrase)
    cut = tuple(
        source.model_copy(update={"text": without(source.text, phrase)})
        if source.field == field
        else source
        for source in state.sources
    )
    # What only said who wrote it leaves nothing behind: then its question is open again.
    kept = state.drafted(**{field: left}).but(sources=cut)
    return reopen(kept, "what") if field == "what" and says_nothing(left) else kept


def _rewrite_phrase(state: State, world: World) -> State:
    return reopen(state, _open_phrases(state, world)[0][0])


def _keep_phrase(state: State, world: World) -> State:
    return state.but(kept=(*state.kept, _open_phrases(state, world)[0][1]))


# --- the preview ----------------------------------------------------------------------------------


def _ask_review(state: State, world: World) -> tuple[Say, ...]:
    receiver = world.destination(state.draft)
    if receiver is None:
        return (Say("tam_dong", choices=("sua", "huy")),)
    urgent = world.is_urgent(state.draft)
    named, calms = world.offers("named"), urgent and world.offers("calm")
    choices = ("gui", "sua", *(("bao_ve",) if named else ()), *(("khong_gap",) if calms else ()))
    values = {
        "toan_van": compose(state.draft),
        "so_anh": len(state.draft.photos),
        "don_vi_nhan": receiver.unit,
        "don_vi_tren": receiver.above,
    }
    return (
        *((Say(URGENT[calms]),) if urgent else ()),
        *((Say("co_lien_he"),) if state.draft.contact else ()),
        Say("xem_lai", values, choices=(*choices, "huy"), private=True),
    )


def _send(state: State, _world: World) -> Step:
    return Step(state, (), Submit())


def _calm(state: State, _world: World) -> State:
    return state.drafted(calm=True)


# --- changing it ----------------------------------------------------------------------------------


def _ask_edit(state: State, world: World) -> tuple[Say, ...]:
    photos = ("bo_anh",) if state.draft.photos else ()
    place = world.place(state.draft.area_id) if state.draft.area_id else None
    told: dict[str, object] = {field: getattr(state.draft, field) for field in FIELDS}
    told |= {"place": place.label} if place else {}
    told |= {"conflict": state.draft.conflict or ""}  # a later answer may have changed it
    told |= {"so_anh": len(state.draft.photos)}
    menu = (*EDITS, "sua_noi_nhan", "sua_can_bo", *photos, "thoi_sua")
    return (Say("sua_gi", told, choices=menu),)


def _edit(field: str, state: State, _world: World) -> State:
    return reopen(state, field)


def _edit_place(state: State, _world: World) -> State:
    emptied = state.drafted(area_id=None, to_upper=False).but(pending=(), area_hint=None)
    return emptied.reopening("place", "raise")


def _edit_conflict(state: State, _world: World) -> State:
    asked_anew = state.drafted(conflict=None, to_upper=False)
    return asked_anew.reopening("conflict", "raise")


def _drop_photos(state: State, _world: World) -> State:
    return state.drafted(photos=())


def _go_to(name: str, state: State, world: World) -> Step:
    state = state.but(step=name)
    return Step(state, BY_NAME[name].ask(state, world))


# --- a sealed name, only for who asks -------------------------------------------------------------


def _hear_contact(state: State, said: Said, _world: World) -> Outcome:
    text = clean(said.text)
    if says_nothing(text):
        return refuse(state, "trong")
    if len(text.encode()) > MAX_CONTACT_BYTES:
        return refuse(state, "dai_qua", n=MAX_CONTACT_BYTES // 4)
    return state.drafted(contact=text)


def _no_contact(state: State, _world: World) -> State:
    return state.drafted(contact=None)


# --- the receipt ----------------------------------------------------------------------------------


def show_receipt(state: State, world: World) -> Step:
    """Show the code once the tip is in the unit of work."""
    state = state.but(step="receipt")
    return Step(state, _ask_receipt(state, world))


def _ask_receipt(state: State, world: World) -> tuple[Say, ...]:
    parts = grouped(state.code or "").split()
    values: dict[str, object] = {f"m{at}": part for at, part in enumerate(parts, start=1)}
    if world.channel.deletes:
        values["tu_xoa_sau"] = world.facts["phut_nhap"]
    push = ("bao_tra_loi",) if world.offers("push") and not state.push else ()
    return (Say("bien_nhan", values, choices=("da_chep", *push), private=True),)


def remind(state: State, world: World) -> Step:
    """Answer anything else that is done while the receipt is on screen."""
    return Step(state, (Say("da_gui_roi"), *_ask_receipt(state, world)))


def _copied(state: State, world: World) -> Step:
    done = "da_chep.xoa" if world.channel.deletes else "da_chep.tu_xoa"
    return Step(state.fresh(), (Say(done),), Wipe(messages=True))


def _push_on(state: State, world: World) -> Step:
    state = state.but(push=True, step="receipt")
    return Step(state, (Say("da_bat_bao"), *_ask_receipt(state, world)), KeepAddress())


def _push_off(state: State, world: World) -> Step:
    return show_receipt(state, world)


def _remind_for_words(state: State, _said: Said, world: World) -> Step:
    return remind(state, world)


PHRASES = Question(
    name="phrases",
    ask=_ask_phrase,
    taps={"bo_cho_do": _cut_phrase, "sua_lai": _rewrite_phrase, "giu_nguyen": _keep_phrase},
    words=only_buttons,
    is_open=_has_open_phrases,
)
REVIEW = Question(
    name="review",
    ask=_ask_review,
    taps={
        "gui": _send,
        "sua": partial(_go_to, "edit"),
        "bao_ve": partial(_go_to, "protect"),
        "khong_gap": _calm,
    },
    words=only_buttons,
)
SIDE_ROOMS = (
    Question(
        name="edit",
        ask=_ask_edit,
        taps={
            **{key: partial(_edit, field) for key, field in EDITS.items()},
            "sua_noi_nhan": _edit_place,
            "sua_can_bo": _edit_conflict,
            "bo_anh": _drop_photos,
            "thoi_sua": go_back,
        },
        words=only_buttons,
    ),
    Question(
        name="protect",
        ask=asking("xin_bao_ve", "de_lai", "khong_de_lai"),
        taps={"de_lai": partial(_go_to, "contact"), "khong_de_lai": _no_contact},
        words=only_buttons,
    ),
    Question(
        name="contact",
        ask=asking("lien_he", "bo_qua"),
        taps={"bo_qua": go_back},
        words=_hear_contact,
        free=True,
    ),
    Question(
        name="receipt",
        ask=_ask_receipt,
        taps={"da_chep": _copied, "bao_tra_loi": partial(_go_to, "push")},
        words=_remind_for_words,
    ),
    Question(
        name="push",
        ask=asking("bao_khi_co_tra_loi", "bat", "khong_bat"),
        taps={"bat": _push_on, "khong_bat": _push_off, "da_chep": _copied},
        words=_remind_for_words,
    ),
)
BY_NAME = {question.name: question for question in (PHRASES, REVIEW, *SIDE_ROOMS)}
SENT = ("receipt", "push")  # steps at which the tip is already with its unit
