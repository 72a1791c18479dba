"""JSON: acts on unit keys. Each needs an officer's own session; no secret leaves the server."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import TheDesk
from api.policy import HandsKeys
from api.routes.answers import json_router
from api.routes.session import Asked
from intake.pending_acts import PendingAct

router = json_router("khóa")


class SpokenDigits(Asked):
    """The eight digits that the other person said aloud."""

    fingerprint: Annotated[str, Field(min_length=8, max_length=20)]


class FoundingView(BaseModel):
    """What the offline root must certify, and the digits to compare."""

    model_config = ConfigDict(frozen=True)
    request: str
    fingerprint: str


class ResealedView(BaseModel):
    """How many sealed parts were wrapped afresh."""

    model_config = ConfigDict(frozen=True)
    parts: int


@router.get("/key-acts", operation_id="list_key_acts")
def pending(session: HandsKeys, desk: TheDesk) -> list[PendingAct]:
    """Return what about keys waits for this officer."""
    return desk.key_acts.pending.of(session)


@router.post("/officers/{officer_id}/key", status_code=204, operation_id="hand_key")
def hand_key(officer_id: str, asked: SpokenDigits, session: HandsKeys, desk: TheDesk) -> None:
    """Hand the unit's key to an officer whose spoken digits fit: "Trao khóa"."""
    desk.key_acts.hand_key(session, officer_id, asked.fingerprint)


@router.post("/units/own/founding", status_code=201, operation_id="found_unit")
def found(session: HandsKeys, desk: TheDesk) -> FoundingView:
    """Make the top unit's first key; the offline root certifies it."""
    made = desk.key_acts.found(session)
    return FoundingView(request=made.request, fingerprint=made.fingerprint)


@router.get("/units/own/founding", operation_id="read_founding")
def founding(session: HandsKeys, desk: TheDesk) -> FoundingView:
    """Return the request for the root once more."""
    made = desk.key_acts.founding_request(session)
    return FoundingView(request=made.request, fingerprint=made.fingerprint)


@router.post("/units/{unit_id}/entry", status_code=204, operation_id="sign_entry")
def sign_entry(unit_id: str, asked: SpokenDigits, session: HandsKeys, desk: TheDesk) -> None:
    """Sign the key that a unit below has drawn for itself."""
    desk.key_acts.epochs.sign_entry(session, unit_id, asked.fingerprint)


@router.post("/units/{unit_id}/epochs", status_code=204, operation_id="new_epoch")
def new_epoch(unit_id: str, session: HandsKeys, desk: TheDesk) -> None:
    """Draw a new key for a unit and hand it to everyone who is there."""
    desk.key_acts.epochs.new_epoch(session, unit_id)


@router.post("/units/{unit_id}/resealing", operation_id="reseal")
def reseal(unit_id: str, session: HandsKeys, desk: TheDesk) -> ResealedView:
    """Wrap every open tip's keys afresh, under the current suite."""
    return ResealedView(parts=desk.key_acts.epochs.reseal(session, unit_id))
