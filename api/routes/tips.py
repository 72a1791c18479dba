"""JSON: the queue, opening a tip, answering, moving, closing and holding it.

Each route makes one call; rights and the audit row before every opening live in ``intake``.
"""

from enum import StrEnum
from typing import Annotated, Literal

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import TheDesk
from api.policy import Answers, Closes, OpensTips, ReadsQueue
from api.routes.answers import json_router
from api.routes.session import Asked
from intake.drafts import MAX_TEXT
from intake.queue_page import QueuePage
from intake.tip_states import OPEN_STATES, REASONS
from intake.tip_views import TipView

router = json_router("tin")

State = Literal["new", "screening", "need_info", "grounded", "acting", "closed"]
Version = Annotated[int, Field(strict=True, ge=1, le=10**9)]


class OpeningReason(StrEnum):
    """Why a tip is opened; a fixed list, because the audit row stands in clear."""

    HANDLE = "xử lý tin"
    REVIEW = "kiểm tra việc xử lý"
    ORDERED = "theo yêu cầu cấp trên"


class OpeningAsked(Asked):
    """Why the tip is opened."""

    reason: OpeningReason = OpeningReason.HANDLE


class Versioned(Asked):
    """A write names the version that it has seen.

    409 when somebody was faster, or the reporter has added something that is released since.
    """

    version: Version


class ReplyAsked(Versioned):
    """An answer or, with ``ask``, a question to whoever holds the code."""

    text: Annotated[str, Field(max_length=MAX_TEXT)]
    ask: bool = False


class StateAsked(Versioned):
    """The state to move to; closing has a route of its own."""

    state: State


class ClosingAsked(Versioned):
    """A key of ``GET /closing-reasons``."""

    reason: Annotated[str, Field(max_length=40)]


class HoldAsked(Asked):
    """Why a tip is kept from being erased; keys of ``intake.upkeep.holds.GROUNDS``."""

    ground: Literal["vu-an", "khieu-nai", "thanh-tra"]


class HoldView(BaseModel):
    """Whether a tip is kept from being erased."""

    model_config = ConfigDict(frozen=True)
    held: bool


class ReasonView(BaseModel):
    """A reason for closing, with its written definition."""

    model_config = ConfigDict(frozen=True)
    key: str
    label: str
    definition: str


@router.get("/tips", operation_id="list_tips")
def list_tips(
    session: ReadsQueue,
    desk: TheDesk,
    state: Annotated[list[State] | None, Query(max_length=6)] = None,
    after: Annotated[str | None, Query(max_length=80)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> QueuePage:
    """Return one page of the queue: urgent first, then by clock, then by random id."""
    return desk.triage.queue(session, tuple(state or OPEN_STATES), after, limit)


@router.get("/closing-reasons", operation_id="list_closing_reasons")
def list_reasons(session: ReadsQueue) -> list[ReasonView]:
    """Return every reason for which a tip may be closed."""
    del session
    return [ReasonView(key=r.key, label=r.label, definition=r.definition) for r in REASONS]


@router.post("/tips/{tip_id}/openings", operation_id="open_tip")
def open_tip(tip_id: str, asked: OpeningAsked, session: OpensTips, desk: TheDesk) -> TipView:
    """Open one tip; its audit row is committed first."""
    return desk.disclosure.open_tip(session, tip_id, asked.reason.value)


@router.get(
    "/tips/{tip_id}/photos/{part_id}",
    operation_id="open_photo",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "Ảnh"}},
)
def open_photo(tip_id: str, part_id: str, session: OpensTips, desk: TheDesk) -> Response:
    """Open one picture; its audit row is committed first."""
    return Response(desk.disclosure.photo(session, tip_id, part_id), media_type="image/jpeg")


@router.post("/tips/{tip_id}/claim", status_code=204, operation_id="claim_tip")
def claim(tip_id: str, asked: Versioned, session: Answers, desk: TheDesk) -> None:
    """Take a tip in hand."""
    desk.triage.claim(session, tip_id, asked.version)


@router.post("/tips/{tip_id}/replies", status_code=204, operation_id="answer_tip")
def answer(tip_id: str, asked: ReplyAsked, session: Answers, desk: TheDesk) -> None:
    """Answer, or ask for more."""
    desk.triage.answer(session, tip_id, asked.version, asked.text, ask=asked.ask)


@router.put("/tips/{tip_id}/state", status_code=204, operation_id="move_tip")
def set_state(tip_id: str, asked: StateAsked, session: Answers, desk: TheDesk) -> None:
    """Move a tip to another state, or open a closed one again."""
    desk.triage.set_state(session, tip_id, asked.version, asked.state)


@router.post("/tips/{tip_id}/closing", status_code=204, operation_id="close_tip")
def close(tip_id: str, asked: ClosingAsked, session: Closes, desk: TheDesk) -> None:
    """Close a tip for a written reason."""
    desk.triage.close(session, tip_id, asked.version, asked.reason)


@router.get("/tips/{tip_id}/hold", operation_id="see_hold")
def see_hold(tip_id: str, session: OpensTips, desk: TheDesk) -> HoldView:
    """Tell whether a tip is kept for a case."""
    return HoldView(held=desk.triage.holds.is_held(session, tip_id))


@router.put("/tips/{tip_id}/hold", status_code=204, operation_id="hold_tip")
def hold(tip_id: str, asked: HoldAsked, session: Closes, desk: TheDesk) -> None:
    """Keep a tip from being erased, for a written ground."""
    desk.triage.holds.hold(session, tip_id, asked.ground)


@router.delete("/tips/{tip_id}/hold", status_code=204, operation_id="release_tip")
def release(tip_id: str, session: Closes, desk: TheDesk) -> None:
    """Let a tip go: it is erased when its time has come."""
    desk.triage.holds.release(session, tip_id)
