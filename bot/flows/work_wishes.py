"""How a leader wants to be reminded: a rest until a day, language, form of address. Pure."""

import re
from calendar import monthrange
from datetime import date, timedelta

from bot.flows import work_calendar, work_menu
from bot.flows import work_words as words
from bot.flows.base import Commanded
from bot.flows.wish_shapes import AddressAs, Pause, Speak
from bot.flows.work_shapes import Outcome, WorkState, WorkStep
from bot.flows.work_words import tell
from bot.flows.work_world import WorkWorld
from intake.work.wishes import LONGEST_PAUSE

LANGUAGE = "nn_"
RESTING = "pause"
_PAUSING, _SPEAKING, _ADDRESSING = "pausing", "speaking", "addressing"
_PAUSES = ("nghi_1_tuan", "nghi_2_tuan", "nghi_het_thang", "nghi_den_ngay")
_FORMS = {"xh_bac": "bác", "xh_co": "cô", "xh_chu": "chú", "xh_anh": "anh", "xh_chi": "chị"}
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}))?")


def tap(state: WorkState, key: str, world: WorkWorld) -> Outcome | None:
    """Carry out a button about reminders, language or address."""
    match key:
        case "tam_nghi":
            told = tell("hoi_nghi", world, *_PAUSES)
            return WorkStep(state.but(step=RESTING, options=()), (told,))
        case "nghi_den_ngay":
            return WorkStep(state.but(step=RESTING, options=()), (tell("hoi_ngay_nghi", world),))
        case "nhac_lai":
            return WorkStep(state.but(step=_PAUSING, options=()), act=Pause(None))
        case "doi_xung_ho":
            return WorkStep(state, (tell("hoi_xung_ho", world, *_FORMS),))
        case _ if key in _PAUSES:
            return _pause(state, _end(key, world.today))
        case _ if key in _FORMS:
            return WorkStep(state.but(step=_ADDRESSING, options=(key,)), act=AddressAs(_FORMS[key]))
        case _ if key.startswith(LANGUAGE):
            return _speak(state, key.removeprefix(LANGUAGE), world)
        case _:
            return None


def say(state: WorkState, text: str, world: WorkWorld) -> Outcome | None:
    """Take a typed day as the end of a rest; other words are a line of their own."""
    if state.step != RESTING or state.draft is not None or not _DAY.fullmatch(text.strip()):
        return None
    return _until(state, text, world)


def obey(state: WorkState, command: Commanded, world: WorkWorld) -> Outcome | None:
    """Carry out a command about reminders, language or address."""
    match command.name:
        case "nghi" if command.argument:
            return _until(state, command.argument, world)
        case "nghi":
            return tap(state, "tam_nghi", world)
        case "nhac":
            return tap(state, "nhac_lai", world)
        case "lich":
            return work_calendar.ask(state)
        case "xungho":
            return tap(state, "doi_xung_ho", world)
        case "nn":
            languages = tuple(f"{LANGUAGE}{code}" for code in world.languages)
            return WorkStep(state, (tell("chon_tieng", world, *languages),))
        case _:
            return None


def came(state: WorkState, world: WorkWorld) -> WorkStep | None:
    """Say what is kept now; None where nothing of this was asked for."""
    match state.step:
        case "pausing":
            return _paused(state, world)
        case "speaking":
            return work_menu.show(state, world)
        case "addressing":
            form = _FORMS[state.options[0]]
            called = {"xh": form, "Xh": form.capitalize()}
            told = tell("da_xung_ho", world, "xem_viec", **called)
            return WorkStep(state.but(step="menu", options=()), (told,))
        case _:
            return work_calendar.came(state, world)


def _pause(state: WorkState, until: date) -> WorkStep:
    return WorkStep(state.but(step=_PAUSING, options=(until.isoformat(),)), act=Pause(until))


def _end(key: str, today: date) -> date:
    if key == "nghi_het_thang":
        return today.replace(day=monthrange(today.year, today.month)[1])
    return today + timedelta(days=7 if key == "nghi_1_tuan" else 14)


def _until(state: WorkState, text: str, world: WorkWorld) -> WorkStep:
    until = read_ahead(text, world.today)
    if until is None:
        return WorkStep(state.but(step=RESTING, options=()), (tell("ngay_nghi_sai", world),))
    return _pause(state, until)


def read_ahead(text: str, today: date) -> date | None:
    """Return a day to come that is written as day/month; None for one that is past or far away."""
    found = _DAY.fullmatch(text.strip())
    if not found:
        return None
    day, month, year = int(found[1]), int(found[2]), int(found[3] or today.year)
    try:
        read = date(year, month, day)
        if not found[3] and read < today:
            read = date(year + 1, month, day)
    except ValueError:
        return None
    return read if today <= read <= today + LONGEST_PAUSE else None


def _paused(state: WorkState, world: WorkWorld) -> WorkStep:
    """Say up to when nothing is sent, or that reminders come again."""
    if not state.options:
        return WorkStep(state.but(step="menu"), (tell("da_nhac_lai", world, "xem_viec"),))
    until = words.day(date.fromisoformat(state.options[0]))
    told = tell("tam_dung", world, "nhac_lai", "xem_viec", ngay=until)
    return WorkStep(state.but(step="menu", options=()), (told,))


def _speak(state: WorkState, language: str, world: WorkWorld) -> WorkStep:
    if language not in world.languages:
        return work_menu.show(state, world)
    spoken = state.but(language=language, step=_SPEAKING, options=())
    return WorkStep(spoken, act=Speak(language))
