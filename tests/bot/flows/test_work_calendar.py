"""A leader asks for their calendar in the chat: its address is shown once and can be taken back."""

from bot.flows import work
from bot.flows.base import Chose, Commanded
from bot.flows.wish_shapes import Addressed, MakeCalendar, TakeBackCalendar
from bot.flows.work_shapes import Told, WorkState
from tests.bot.flows.test_check_in_never_breaks import StoryWorld

ADDRESS = "https://tip.example/lich/secret.ics"


def test_the_address_is_shown_once_and_stays_in_no_state() -> None:
    world = StoryWorld()
    asked = work.hear(WorkState(), Commanded("lich"), world)
    assert asked.act == MakeCalendar()
    shown = work.hear(asked.state, Addressed(ADDRESS), world)
    (told,) = shown.says
    assert told.values["dia_chi"] == ADDRESS
    assert ADDRESS not in shown.state.model_dump_json()


def test_it_is_taken_back_with_one_tap() -> None:
    world = StoryWorld()
    taking = work.hear(WorkState(), Chose("thu_hoi_lich"), world)
    assert taking.act == TakeBackCalendar()
    (told,) = work.hear(taking.state, Told(), world).says
    assert told.key == "da_thu_hoi_lich"
