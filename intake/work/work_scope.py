"""How far an officer of the work side sees: the area of their unit and everything below it.

Every service of the ward's side asks here first. What lies outside answers like what does not
exist.
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from intake.errors import NotAllowed, NotFound, Refused
from intake.officers import Session
from intake.policy import RIGHTS, Right
from intake.service import Intake
from storage.owners import OwnerRow
from storage.unit_of_work import View

_OUTSIDE = "Không có đơn vị này trong địa bàn của đồng chí: chọn trong danh sách."


@dataclass(frozen=True, slots=True)
class Reach:
    """An area with everything below it, as one officer may see it."""

    area_id: str
    name: str
    level: str
    chain: tuple[str, ...]
    """The area itself and those above it, lowest first."""
    communes: tuple[str, ...]
    """Itself, or the communes directly below it."""

    def holds(self, owner: OwnerRow) -> bool:
        """Return whether an area or organisation lies within."""
        if self.level == "province":
            return owner.province_id == self.area_id
        if self.level == "commune":
            return owner.commune_id == self.area_id
        return owner.area_id == self.area_id


class WorkScope:
    """Finds how far somebody sees, and refuses what lies outside."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    def reach(self, session: Session, right: Right, area_id: str | None = None) -> Reach:
        """Return the area of the officer's unit, or one below it.

        Raises:
            NotAllowed: the role has no such right.
            NotFound: the area lies outside.
        """
        if right not in RIGHTS.get(session.role, frozenset[Right]()):
            raise NotAllowed("this role has no such right")
        with self._intake.read() as view:
            unit = view.areas.unit(session.unit_id)
            own = _reach(view, unit.area_id) if unit else None
            if own is None:
                raise NotAllowed("this unit answers for no area")
            if area_id is None or area_id == own.area_id:
                return own
            narrower = _reach(view, area_id)
            if narrower is None or own.area_id not in narrower.chain:
                raise _outside()
            return narrower


def owner_within(view: View, reach: Reach, owner_id: str) -> OwnerRow:
    """Return an area or organisation within ``reach``.

    Raises:
        NotFound: it lies outside, or there is none.
    """
    owner = view.owners.get(owner_id)
    if owner is None or not reach.holds(owner):
        raise _outside()
    return owner


@contextmanager
def telling() -> Generator[None]:
    """Let the sentence of a rule of the work side reach whoever asked: these are constants."""
    try:
        yield
    except Refused as error:
        error.advice = error.advice or str(error)
        raise


def say(error: Refused) -> Refused:
    """Return an error whose own sentence is shown."""
    error.advice = str(error)
    return error


def _outside() -> Refused:
    return say(NotFound(_OUTSIDE))


def _reach(view: View, area_id: str) -> Reach | None:
    area = view.areas.get(area_id)
    if area is None:
        return None
    chain = tuple(view.owners.chain(area_id))
    communes = {"province": tuple(view.owners.below(area_id)), "commune": (area_id,)}
    return Reach(area_id, area.name, area.level, chain, communes.get(area.level, ()))
