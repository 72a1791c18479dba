"""The read-only facts that flows and sentences may look at, gathered from services and settings.

No secret, no row and no clock is reachable through it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.channels.base import Capabilities
from bot.flows.world import ChannelFacts, Destination, PlaceFound
from intake import urgency
from intake.drafts import MAX_PHOTOS, TipDraft
from intake.errors import Misconfigured, NoOpenUnit
from intake.places import Place, Places
from intake.settings import Settings
from intake.text import telling_phrases as find_telling_phrases
from intake.tips import Tips

FORMS = frozenset({"web"})
"""Channels whose page asks everything at once and stands alone: nobody can be written to there."""


def facts(settings: Settings, tips: Tips) -> Mapping[str, object]:
    """Return the values that any sentence may use; what the operator has not set is empty."""
    base = settings.base_url.rstrip("/")
    counselling = settings.counselling
    return {
        "don_vi": _top_unit(tips),
        "hotline": settings.hotline,
        "hotline_qg": settings.national_hotline,
        "dia_diem": settings.box_places,
        "dia_chi_web": f"{base}/gui-tin",
        "dia_chi_tra_cuu": f"{base}/tra-cuu",
        "phut_nhap": settings.draft_minutes,
        "so_anh_toi_da": max_photos(settings),
        "mb_toi_da": settings.max_upload_mb,
        "tram": counselling.place if counselling else None,
        "dia_chi_tram": counselling.address if counselling else None,
        "gio_mo": counselling.hours if counselling else None,
        "so_tu_van": counselling.phone if counselling else None,
    }


def max_photos(settings: Settings) -> int:
    """Return how many pictures one tip may hold."""
    return min(settings.max_photos, MAX_PHOTOS)


def _top_unit(tips: Tips) -> str:
    try:
        keyring = tips.key_list.current
        entry = keyring.unit(keyring.top_unit)
    except Misconfigured:  # no usable key list: the box says that it is closed
        return "công an"
    return entry.name if entry else "công an"


def channel_facts(capabilities: Capabilities) -> ChannelFacts:
    """Return the part of a channel's capabilities that flows may read."""
    return ChannelFacts(
        name=capabilities.name,
        anonymity_text=capabilities.anonymity_text,
        deletes=capabilities.deletes,
        media=capabilities.media,
        push=capabilities.push,
        conflict_allowed=capabilities.conflict_allowed,
        one_page=capabilities.name in FORMS,
    )


@dataclass(frozen=True, slots=True)
class HouseWorld:
    """The world of one step."""

    channel: ChannelFacts
    facts: Mapping[str, object]
    enrolled: bool
    languages: tuple[str, ...]
    settings: Settings
    tips: Tips
    places: Places

    @property
    def max_photos(self) -> int:
        """How many pictures one tip, or one addition, may hold."""
        return max_photos(self.settings)

    @property
    def is_open(self) -> bool:
        """Whether any box can take a tip now."""
        try:
            return self.tips.any_open()
        except Misconfigured:
            return False

    def offers(self, feature: str) -> bool:
        """Return whether ``push``, ``named`` or ``calm`` (a random minute) is switched on."""
        switched = {
            "push": self.channel.push and self.settings.push_notices,
            "named": self.settings.named_tips,
            "calm": self.settings.release_minutes > 0,
        }
        return switched.get(feature, False)

    def find_places(self, typed: str) -> tuple[PlaceFound, ...]:
        """Return the communes that a typed name may mean, best first."""
        return tuple(_found(place) for place in self.places.find(typed))

    def place(self, area_id: str) -> PlaceFound | None:
        """Return one area by id, of any level."""
        place = self.places.get(area_id)
        return _found(place) if place else None

    def poster_area(self, code: str) -> str | None:
        """Return the area behind a poster's code; None when unknown or replaced."""
        return self.places.poster(code)

    def destination(self, draft: TipDraft) -> Destination | None:
        """Return who would receive it; None when no unit has a valid key."""
        try:
            receiver = self.tips.destination(draft)
        except (NoOpenUnit, Misconfigured):
            return None
        return Destination(receiver.unit_name, receiver.above_name, receiver.raised)

    def telling_phrases(self, text: str) -> tuple[str, ...]:
        """Return the pieces that may give the reporter away."""
        return find_telling_phrases(text)

    def is_urgent(self, draft: TipDraft) -> bool:
        """Return whether the words say danger to life, happening now."""
        return urgency.is_urgent(draft)


def _found(place: Place) -> PlaceFound:
    return PlaceFound(place.area_id, place.label, place.near)
