"""A resident and a world for the pure flows: no channel, no database, no key."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.flows import router
from bot.flows.base import (
    Act,
    Added,
    Chose,
    Commanded,
    Event,
    KeepAddress,
    LookUp,
    News,
    Said,
    Say,
    Sent,
    State,
    Submit,
)
from bot.flows.world import ChannelFacts, Destination, PlaceFound
from bot.hearing import understand
from bot.messages import Incoming
from bot.wording import Wording
from intake.drafts import TipDraft
from intake.receipts import new_code
from intake.text import fold, telling_phrases

WARD = PlaceFound("w1", "phường Thượng Hồng, Hưng Yên")
CLOSED = PlaceFound("w2", "xã Thượng Hồng, Hải Phòng")
BOX = PlaceFound("n7", "tổ 7, phường Thượng Hồng")
CHAT = ChannelFacts("chat", "an_danh.telegram", True, True, True, True)
PAGE = ChannelFacts("web", "an_danh.web", False, True, False, True, one_page=True)
FACTS: Mapping[str, object] = {
    "don_vi": "Công an tỉnh",
    "hotline": "0200 000 113",
    "hotline_qg": None,
    "dia_diem": None,
    "dia_chi_web": "https://tin.example/gui-tin",
    "dia_chi_tra_cuu": "https://tin.example/tra-cuu",
    "phut_nhap": 30,
    "so_anh_toi_da": 3,
    "mb_toi_da": 10,
    "tram": None,
    "dia_chi_tram": None,
    "gio_mo": None,
    "so_tu_van": None,
}


@dataclass
class StoryWorld:
    """Facts that a test may set."""

    channel: ChannelFacts = CHAT
    facts: Mapping[str, object] = field(default_factory=lambda: FACTS)
    enrolled: bool = False
    max_photos: int = 3
    languages: tuple[str, ...] = ("vi", "en")
    is_open: bool = True
    features: frozenset[str] = frozenset()
    urgent_words: bool = False

    def offers(self, feature: str) -> bool:
        return feature in self.features

    def find_places(self, typed: str) -> tuple[PlaceFound, ...]:
        wanted = fold(typed)
        if wanted == "thuong hong, hue":
            return (replace(WARD, near=True),)
        found = tuple(p for p in (WARD, CLOSED) if wanted and wanted in fold(p.label))
        return found[:1] if wanted == fold(WARD.label) else found

    def place(self, area_id: str) -> PlaceFound | None:
        return next((p for p in (WARD, CLOSED, BOX) if p.area_id == area_id), None)

    def poster_area(self, code: str) -> str | None:
        return BOX.area_id if code == "poster7" else None

    def destination(self, draft: TipDraft) -> Destination | None:
        if not self.is_open:
            return None
        if draft.conflict == "yes" or draft.to_upper or draft.area_id is None:
            return Destination("Công an tỉnh", "")
        if draft.area_id == CLOSED.area_id:
            return Destination("Công an tỉnh", "", raised=True)
        return Destination("Công an phường Thượng Hồng", "Công an tỉnh")

    def telling_phrases(self, text: str) -> tuple[str, ...]:
        return telling_phrases(text)

    def is_urgent(self, draft: TipDraft) -> bool:
        return not draft.calm and (self.urgent_words or "cầm dao" in draft.what)


class Resident:
    """Takes the flows through a story and answers their acts as the house would."""

    def __init__(self, world: StoryWorld | None = None) -> None:
        self.world = world or StoryWorld()
        self.state = State()
        self.heard: tuple[Say, ...] = ()
        self.acts: list[Act] = []
        self.submitted: list[TipDraft] = []
        self.news = News()

    # --- doing ------------------------------------------------------------------------------------

    def does(self, event: Event) -> "Resident":
        step = router.hear(self.state, event, self.world)
        heard = list(step.says)
        while step.act is not None:
            self.acts.append(step.act)
            result = self._result(step.act, step.state)
            if result is None:
                break
            step = router.hear(step.state, result, self.world)
            heard.extend(step.says)
        self.heard = tuple(heard)
        offered = next((say.choices for say in reversed(heard) if say.choices), None)
        self.state = step.state if offered is None else step.state.but(offered=offered)
        return self

    def says(self, *texts: str) -> "Resident":
        for at, text in enumerate(texts):
            self.does(Said(text, f"m{len(self.acts)}-{at}-{text[:8]}"))
        return self

    def taps(self, *keys: str) -> "Resident":
        for key in keys:
            assert key in self.state.offered, (key, self.state.offered, self.keys)
            self.does(Chose(key))
        return self

    def types(self, *texts: str) -> "Resident":
        """Type into a chat, where a word may be a button, a number or a command."""
        for text in texts:
            incoming = Incoming("chat", "7", f"t{len(self.acts)}-{text[:8]}", text=text)
            self.does(understand(incoming, self.state, Wording.load()))
        return self

    def commands(self, name: str, argument: str = "", *, plain: bool = False) -> "Resident":
        return self.does(Commanded(name, argument, plain))

    def _result(self, act: Act, state: State) -> Event | None:
        match act:
            case Submit():
                self.submitted.append(state.draft)
                return Sent(new_code())
            case LookUp():
                return self.news
            case KeepAddress():
                return None
            case _:
                return Added() if type(act).__name__ == "Add" else None

    # --- well-trodden ways ------------------------------------------------------------------------

    def agrees(self) -> "Resident":
        return self.commands("bao").taps("khong_khan", "dong_y")

    def tells(self, what: str = "bán ma túy ở quán nước", conflict: str = "cb_khong") -> "Resident":
        """Go from the welcome to the preview."""
        self.agrees().taps(conflict).says(what, WARD.label)
        if self.state.step == "raise":
            self.taps("gui_len_tren")
        return self.says("số 5 ngõ 12").taps("hay_buoi_toi", "xem_lai_gui")

    # --- seeing -----------------------------------------------------------------------------------

    @property
    def keys(self) -> list[str]:
        return [say.key for say in self.heard]

    @property
    def draft(self) -> TipDraft:
        return self.state.draft

    def said(self, key: str) -> Say:
        return next(say for say in self.heard if say.key == key)


def with_channel(**changes: object) -> ChannelFacts:
    return replace(CHAT, **changes)  # type: ignore[arg-type]
