"""The commands, and the buttons that mean the same wherever they are tapped.

/bao /start /xem /huy /xoa /dung /trogiup /nn. What throws an open draft away does so only
when a command was certainly meant: a bare "huy" may be somebody's name, and "dung" may mean "đúng".
Where a question waits for free words, no bare word is taken for a command unasked.
"""

from collections.abc import Callable, Mapping

from bot.flows import follow_up, help, tip  # noqa: A004
from bot.flows.asking import refuse
from bot.flows.base import Commanded, Said, Say, State, Step, StopPush, Wipe
from bot.flows.world import World

Obey = Callable[[State, World, str], Step]
RISKY = frozenset({"huy", "xoa", "dung"})
_DROPS = "bo_ban_nhap"  # "cancel" as an answer to "drop the draft?" would say either
OWN_WORDS = "la_loi"  # the button by which a doubtful word becomes the answer


def prompt(state: State, world: World) -> tuple[Say, ...]:
    """Return what asks the current question again, in whatever flow."""
    if state.unsure:
        return (_ask_doubt(state, state.unsure[0]),)
    by_flow = {"start": help.prompt, "tip": tip.prompt, "follow_up": follow_up.prompt}
    return by_flow[state.flow](state, world)


def obey(state: State, command: Commanded, world: World) -> Step:
    """Carry out a command; an unknown one changes nothing and keeps the draft."""
    act = COMMANDS.get(command.name)
    if act is None:
        return _unknown(state, world)
    if command.said is not None and _awaits_words(state):
        return _doubt(state, command.name, command.said)
    if command.plain and command.name in RISKY and tip.has_content(state):
        drops = _DROPS if command.name == "huy" else command.name
        return Step(state, (Say("chac_khong", choices=(drops, "viet_tiep")),))
    if command.plain and command.name == "xoa" and tip.is_sent(state):
        return Step(state, (Say("chep_da"), *tip.prompt(state, world)))
    return act(state, world, command.argument)


def _awaits_words(state: State) -> bool:
    """Return whether the question that is open takes any words as its answer."""
    questions = {"tip": tip.QUESTIONS, "follow_up": follow_up.QUESTIONS}.get(state.flow)
    return questions is not None and questions[state.step].free


def _doubt(state: State, command: str, said: Said) -> Step:
    """Ask whether a bare word is the command or the answer; it waits in the state, unjudged."""
    unsure = (command, said.text, said.source)
    return Step(state.but(unsure=unsure), (_ask_doubt(state, command),))


def _ask_doubt(state: State, command: str) -> Say:
    costly = command in RISKY and tip.has_content(state)
    key = "lenh_bo_nhap_hay_loi" if costly else "lenh_hay_loi"
    return Say(key, choices=(command, OWN_WORDS))


def _unknown(state: State, world: World) -> Step:
    if state.flow == "start":
        return Step(state, (Say("lenh_la"), *help.prompt(state, world)))
    return refuse(state, "lenh_la_con_nhap" if tip.has_content(state) else "lenh_la")


def _busy(state: State, world: World) -> Step | None:
    """Return what protects a receipt on screen or an open draft from a new beginning."""
    if tip.is_sent(state):
        return Step(state, (Say("chep_da"), *tip.prompt(state, world)))
    if tip.has_content(state):
        return Step(state, (Say("dang_soan"), *tip.prompt(state, world)))
    return None


def _bao(state: State, world: World, _argument: str) -> Step:
    return _busy(state, world) or tip.start(state, world)


def _start(state: State, world: World, poster: str) -> Step:
    area = world.poster_area(poster) if poster else None
    if busy := _busy(state, world):
        return busy
    begun = state.fresh().but(area_hint=area)
    replaced = (Say("ma_qr_cu"),) if poster and area is None else ()
    return Step(begun, (*replaced, *help.prompt(begun, world)))


def _xem(state: State, world: World, typed: str) -> Step:
    return _busy(state, world) or follow_up.start(state, world, typed)


def _huy(state: State, world: World, _argument: str) -> Step:
    if tip.is_sent(state):
        return Step(state, (Say("khong_huy_duoc"), *tip.prompt(state, world)))
    said = {"start": "khong_co_nhap", "tip": "da_huy", "follow_up": "da_thoat"}[state.flow]
    return Step(state.fresh(), (Say(said),), Wipe(messages=state.flow == "follow_up"))


def _xoa(state: State, world: World, _argument: str) -> Step:
    said = "da_xoa.xoa" if world.channel.deletes else "da_xoa.tu_xoa"
    return Step(state.fresh(), (Say(said),), Wipe(messages=True))


def _dung(state: State, world: World, _argument: str) -> Step:
    """Stop push notices; the answer is the same whether there were any."""
    if tip.is_sent(state):
        state = state.but(push=False, step="receipt")
        return Step(state, (Say("tat_bao"), *tip.prompt(state, world)), StopPush(wipe=False))
    return Step(state.fresh(), (Say("tat_bao"),), StopPush())


def _trogiup(state: State, world: World, _argument: str) -> Step:
    return Step(state, (*help.guide(state, world), *prompt(state, world)))


def _nn(state: State, world: World, argument: str) -> Step:
    if argument in world.languages:
        return _speak(state, argument, world)
    return help.offer_languages(state, world)


COMMANDS: Mapping[str, Obey] = {
    "bao": _bao,
    "start": _start,
    "xem": _xem,
    "huy": _huy,
    "xoa": _xoa,
    "dung": _dung,
    "trogiup": _trogiup,
    "nn": _nn,
}


# --- buttons that mean the same everywhere --------------------------------------------------------


def tap(state: State, key: str, world: World) -> Step | None:
    """Carry out a button that no single question owns; None when a question has to answer it."""
    if key in COMMANDS:
        return COMMANDS[key](state, world, "")
    if key.startswith(help.LANGUAGE):
        return _speak(state, key.removeprefix(help.LANGUAGE), world)
    if key == _DROPS:
        return _huy(state, world, "")
    match key:
        case "tu_van":
            return help.counsel(state, world)
        case "quay_lai" | "viet_tiep" | "la_loi":
            return Step(state, prompt(state, world))
        case "noi_khac":
            elsewhere = state.but(area_hint=None)
            return Step(elsewhere, prompt(elsewhere, world))
        case _:
            return None


def _speak(state: State, language: str, world: World) -> Step:
    spoken = state.but(language=language) if language in world.languages else state
    return Step(spoken, prompt(spoken, world))
