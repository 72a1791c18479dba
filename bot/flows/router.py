"""``hear``: the one pure step of every dialogue. Commands, then shared buttons, then the flow.

It touches no channel, database, clock or key. What it needs done it returns as an act; the dialogue
performs the act and calls ``hear`` again with the result.
"""

from bot.flows import commands, follow_up, help, tip  # noqa: A004
from bot.flows.base import Chose, Commanded, Event, Filled, NotKept, Said, State, Step
from bot.flows.world import World


def hear(state: State, event: Event, world: World) -> Step:
    """Take one event and return the next state, what to say, and at most one act."""
    step = _hear(state, event, world)
    if not world.channel.one_page or step.act is not None or any(s.choices for s in step.says):
        return step
    # A page stands alone: a refusal without its question would leave nothing to answer.
    prompt = commands.prompt(step.state, world)
    asked = step.says and step.says[-1].key == prompt[-1].key
    return step if asked else Step(step.state, (*step.says, *prompt))


def _hear(state: State, event: Event, world: World) -> Step:
    unsure, state = state.unsure, state.but(unsure=None)
    if unsure and event == Chose(commands.OWN_WORDS):
        _command, text, source = unsure
        event = Said(text, source)
    match event:
        case Commanded():
            return commands.obey(state, event, world)
        case Chose(key) if (step := commands.tap(state, key, world)) is not None:
            return step
        case Filled(answers) if state.flow == "start" and "code" not in answers:
            return tip.hear(state, event, world)
        case _:
            flows = {"start": help.hear, "tip": tip.hear, "follow_up": follow_up.hear}
            return flows[state.flow](state, event, world)


def prompt(state: State, world: World) -> Step:
    """Return the current question again, changing nothing."""
    return Step(state, commands.prompt(state, world))


def photo_refusal(state: State, world: World) -> NotKept | None:
    """Return why no picture may be kept now, or None; asked before any byte is fetched."""
    if not world.channel.media or world.max_photos == 0:
        return NotKept("chua_nhan_loai_nay", {"loai": "photo"})
    if state.flow == "follow_up":
        return follow_up.photo_refusal(state, world)
    if state.flow == "tip" or world.channel.one_page:
        return tip.photo_refusal(state, world)
    return NotKept("chua_luc_nay")
