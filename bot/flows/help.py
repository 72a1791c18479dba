"""What stands around the two flows: welcome, help, counselling, language.

The counselling button shows places and numbers only. Nothing here keeps a word, and nothing here
changes an open draft.
"""

from bot.flows import follow_up
from bot.flows.asking import refuse
from bot.flows.base import Edited, Event, Filled, Lost, NotKept, NotSent, Said, Say, State, Step
from bot.flows.world import World

LANGUAGE = "nn_"  # choice keys: nn_vi, nn_en, one for every language file
MENU = ("bao", "xem", "tu_van", "trogiup")


def prompt(state: State, world: World) -> tuple[Say, ...]:
    """Say who this is; with a poster's area, say which place and offer another."""
    place = world.place(state.area_hint) if state.area_hint else None
    if place is None:
        return (Say("chao", choices=MENU),)
    return (
        Say("chao"),
        Say("chao_qr", {"noi": place.label}, choices=("bao", "xem", "noi_khac", "trogiup")),
    )


def hear(state: State, event: Event, world: World) -> Step:
    """Take one event while no flow is running."""
    match event:
        case Said(text) if follow_up.is_code(text):
            return follow_up.start(state, world, text)
        case Said():
            return Step(state, (Say("chua_luu"), *prompt(state, world)))
        case Edited():
            return refuse(state, "sua_da_gui")
        case NotKept(reason, values):
            return Step(state, (Say(reason, values), *prompt(state, world)))
        case NotSent(reason, values):
            return refuse(state, reason, **values)
        case Lost(expired=True):
            return Step(state, (Say("het_phien"), *prompt(state, world)))
        case Filled(answers) if "code" in answers:
            return follow_up.hear(state.fresh().but(flow="follow_up", step="code"), event, world)
        case _:
            return Step(state, prompt(state, world))


def guide(_state: State, world: World) -> tuple[Say, ...]:
    """Return how the bot is used and what a person should know before telling anything."""
    return (Say("tro_giup"), Say(world.channel.anonymity_text), Say("tin_sai"), Say("tre_em"))


def counsel(state: State, world: World) -> Step:
    """Show where a person who needs help can turn: a place and a number, and no question."""
    key = "tu_van" if world.facts.get("tram") else "tu_van_chung"
    return Step(state, (Say(key, choices=("quay_lai",)),))


def offer_languages(state: State, world: World) -> Step:
    """Offer the languages, each under its own name."""
    keys = tuple(f"{LANGUAGE}{language}" for language in world.languages)
    return Step(state, (Say("ngon_ngu", choices=keys),))
