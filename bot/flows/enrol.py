"""Coming to the work and leaving it: nobody enrols alone, and anybody may leave at any time."""

from bot.flows import work_words as words
from bot.flows.work_shapes import (
    Decline,
    Enrol,
    Leave,
    Outcome,
    Phrase,
    Phrases,
    Tell,
    WorkState,
    WorkStep,
)
from bot.flows.work_words import tell
from bot.flows.work_world import WorkWorld

PREFIX = "moi_"
INVITED = "invited"


def offer(state: WorkState, world: WorkWorld) -> WorkStep:
    """Say whom the code invites, to what, and what is kept; nobody is enrolled yet."""
    return WorkStep(state.but(step=INVITED), (_asked(world),))


def _asked(world: WorkWorld) -> Tell:
    names = tuple(Phrase("chu", {"chu": words.cut(each.name)}) for each in world.owners[:3])
    return tell(
        "moi_to_truong",
        world,
        "dong_y_viec",
        "khong_phai_toi",
        ten=words.cut(world.name),
        to=Phrases(names or (Phrase("chua_giao"),)),
    )


def tap(state: WorkState, key: str, world: WorkWorld) -> Outcome | None:
    """Carry out what the invite's buttons, or those of leaving, say."""
    match key:
        case "dong_y_viec":
            return WorkStep(state.but(step="enrolling"), act=Enrol())
        case "khong_phai_toi":
            return WorkStep(state.but(step="declining"), act=Decline())
        case "thoi_viec":
            return WorkStep(state.but(step="leaving?"), (tell("hoi_thoi", world, *_SURE),))
        case "thoi_that":
            return WorkStep(state.but(step="leaving"), act=Leave())
        case _:
            return None


_SURE = ("thoi_that", "xem_viec")
