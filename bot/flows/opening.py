"""The questions before a resident tells anything: danger, the honest sentence, consent, conflict.

No word that is typed here is kept: whoever has not agreed yet has given nothing. 113 stands first,
before every other question, and nothing may ever be put in front of it.
"""

from bot.flows.asking import (
    Outcome,
    Question,
    answers,
    asking,
    only_buttons,
    refuse,
    unless_answered,
)
from bot.flows.base import Said, Say, State, Step, Wipe
from bot.flows.world import World


def leave(state: State, _world: World) -> Step:
    """Go away without having given anything."""
    return Step(state.fresh(), (Say("khong_dong_y"),), Wipe())


def _nothing_yet(state: State, _said: Said, _world: World) -> Step:
    return refuse(state, "chua_dong_y")


def _ask_consent(_state: State, world: World) -> tuple[Say, ...]:
    return (
        Say(world.channel.anonymity_text),
        Say("an_toan_hon"),
        Say("dong_y", choices=("dong_y", "doc_ky_hon", "thoat")),
    )


def _read_on(state: State, world: World) -> Step:
    """Show the long form, then the same question without its button."""
    protection = (Say("doc_ky_hon_bao_ve"),) if world.offers("named") else ()
    again = Say("dong_y", choices=("dong_y", "thoat"))
    return Step(state, (Say("doc_ky_hon"), *protection, Say("tin_sai"), again))


def conflict_yes(state: State, world: World) -> Outcome:
    """Send a tip about officers up; where the channel itself is read by them, to another door."""
    if not world.channel.conflict_allowed:
        return Step(state.fresh(), (Say("can_bo_cua_khac"),), Wipe())
    return state.drafted(conflict="yes").answering("conflict")


QUESTIONS = (
    Question(
        name="danger",
        ask=asking("nguy_hiem", "khong_khan", "thoat"),
        taps={"khong_khan": answers("danger"), "thoat": leave},
        words=_nothing_yet,
        is_open=unless_answered("danger"),
    ),
    Question(
        name="consent",
        ask=_ask_consent,
        taps={
            "dong_y": answers("consent"),
            "doc_ky_hon": _read_on,
            "thoat": leave,
        },
        words=_nothing_yet,
        is_open=unless_answered("consent"),
    ),
    Question(
        name="conflict",
        ask=asking("hoi_can_bo", "cb_khong", "cb_co", "cb_khong_ro"),
        taps={
            "cb_khong": answers("conflict", conflict="no"),
            "cb_co": conflict_yes,
            "cb_khong_ro": answers("conflict", conflict="unknown"),
        },
        words=only_buttons,
        is_open=unless_answered("conflict"),
    ),
)
