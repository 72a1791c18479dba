"""JSON: what was filed, the ward's word on it, exemptions, and filing for a leader by phone."""

from datetime import date
from typing import Annotated, Any

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import TheDesk
from api.policy import ReadsWork, ReviewsWork
from api.routes.answers import json_router
from api.routes.compliance import Area
from api.routes.session import Asked
from intake.ward.shapes import Place, Sheet, Waiting
from intake.work.check_in_shapes import CheckInDraft, CheckInView, Filed
from intake.work.obligations import Owed

router = json_router("việc tháng")
Id = Annotated[str, Field(max_length=64)]


class ApprovalAsked(Asked):
    """The check-ins to accept; several at once only when none of them is flagged."""

    ids: Annotated[tuple[Id, ...], Field(min_length=1, max_length=500)]


class Approved(BaseModel):
    """How many were accepted; those accepted before are not counted again."""

    model_config = ConfigDict(frozen=True)
    approved: int


class QuestionAsked(Asked):
    """What the ward asks the leader."""

    question: Annotated[str, Field(max_length=500)]


class AmendAsked(Asked):
    """The fields that change, all others stay; and why."""

    changes: Annotated[dict[str, Any], Field(min_length=1, max_length=20)]
    reason: Annotated[str, Field(max_length=200)]


class WithdrawalAsked(Asked):
    """Why a check-in is taken back."""

    reason: Annotated[str, Field(max_length=200)]


class DecisionAsked(Asked):
    """Whether an exemption is granted."""

    granted: bool


class PhoneAsked(Asked):
    """What a leader told by phone. The same ``once`` (16 to 32 hexadecimal digits) files once."""

    once: Annotated[str, Field(max_length=32)]
    check_in: CheckInDraft


@router.get("/check-ins", operation_id="list_waiting_check_ins")
def list_waiting(session: ReadsWork, desk: TheDesk, area: Area = None) -> Waiting:
    """Return what waits for a word, flagged ones first."""
    return desk.work.review.waiting(session, area)


@router.get("/check-ins/after-close", operation_id="list_late_check_ins")
def list_late(
    session: ReadsWork,
    desk: TheDesk,
    first: Annotated[date, Query()],
    last: Annotated[date, Query()],
    area: Area = None,
) -> list[CheckInView]:
    """Return what was filed or changed after the close, for activities of these days."""
    return list(desk.work.review.late(session, first, last, area))


@router.get("/check-ins/{check_in_id}", operation_id="read_check_in")
def read(check_in_id: str, session: ReadsWork, desk: TheDesk) -> Sheet:
    """Return one check-in with its history."""
    return desk.work.review.find(session, check_in_id)


@router.get(
    "/check-ins/{check_in_id}/photos/{photo_id}",
    operation_id="read_check_in_photo",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}, "audio/ogg": {}}, "description": "Ảnh"}},
)
def photo(check_in_id: str, photo_id: str, session: ReadsWork, desk: TheDesk) -> Response:
    """Return one picture or voice note."""
    found = desk.work.review.photo(session, check_in_id, photo_id)
    return Response(found.body, media_type=found.media)


@router.post("/check-ins", status_code=201, operation_id="file_by_phone")
def file(asked: PhoneAsked, session: ReviewsWork, desk: TheDesk) -> Filed:
    """File what a leader told by phone; marked so."""
    return desk.work.review.file(session, asked.check_in, asked.once)


@router.post("/check-ins/approvals", operation_id="approve_check_ins")
def approve(asked: ApprovalAsked, session: ReviewsWork, desk: TheDesk) -> Approved:
    """Accept check-ins: all of them, or none."""
    return Approved(approved=desk.work.review.approve(session, asked.ids))


@router.post("/check-ins/{check_in_id}/question", status_code=204, operation_id="send_back")
def send_back(check_in_id: str, asked: QuestionAsked, session: ReviewsWork, desk: TheDesk) -> None:
    """Send one back with a question; it does not count until it is amended."""
    desk.work.review.send_back(session, check_in_id, asked.question)


@router.patch("/check-ins/{check_in_id}", operation_id="amend_check_in")
def amend(check_in_id: str, asked: AmendAsked, session: ReviewsWork, desk: TheDesk) -> Filed:
    """Change fields of a check-in; what stood there is kept, and it waits for a word again."""
    return desk.work.review.amend(session, check_in_id, asked.changes, asked.reason)


@router.post("/check-ins/{check_in_id}/withdrawal", operation_id="withdraw_check_in")
def withdraw(
    check_in_id: str, asked: WithdrawalAsked, session: ReviewsWork, desk: TheDesk
) -> Filed:
    """Take a check-in back; it counts no more and stays in the history."""
    return desk.work.review.withdraw(session, check_in_id, asked.reason)


@router.get("/exemptions", operation_id="list_exemptions")
def list_exemptions(session: ReadsWork, desk: TheDesk, area: Area = None) -> list[Owed]:
    """Return the exemptions that wait for a word."""
    return list(desk.work.review.exemptions(session, area))


@router.put("/exemptions/{obligation_id}", status_code=204, operation_id="decide_exemption")
def decide(obligation_id: str, asked: DecisionAsked, session: ReviewsWork, desk: TheDesk) -> None:
    """Grant or refuse an exemption."""
    desk.work.review.decide(session, obligation_id, granted=asked.granted)


@router.get("/owners", operation_id="list_owners")
def list_owners(session: ReadsWork, desk: TheDesk, area: Area = None) -> list[Place]:
    """Return the areas and organisations within the caller's area."""
    return list(desk.work.review.owners(session, area))
