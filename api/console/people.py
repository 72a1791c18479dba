"""Console: people and keys. "Trao khóa" asks for the digits that were heard, never shows them.

A number on the screen would be agreed to without listening; a number that must be typed was heard.
"""

from collections.abc import Iterable, Mapping
from itertools import groupby

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.console.rendering import html
from api.dependencies import Desk, TheDesk, TheForm
from api.policy import HandsKeys, SeesPeople
from intake.errors import LoginTaken, NotValid
from intake.officers import OfficerView, Session
from intake.pending_acts import PendingAct

router = APIRouter(include_in_schema=False)
_NOTICES = {
    "trao": "Đã trao khóa.",
    "cho-thoi": "Đã cho thôi. Khóa đã trao bị thu.",
    "lap": "Đã lập khóa. Đưa bản yêu cầu cho những người giữ khóa gốc ký.",
    "ky": "Đã ký khóa mới.",
    "doi": "Đã đổi khóa của đơn vị.",
}
_KINDS = ("found_unit", "renew_top", "fetch_root", "sign_entry", "await_signing", "hand_key")
_NEW_PERSON = {"unit_id": 80, "login": 40, "name": 80, "role": 20}
"""The fields of a new account, and how long each may be."""
_OTHER_DIGITS = (
    "Tám số không khớp. Nghe lại cho kỹ; vẫn không khớp thì đừng trao, và báo đơn vị cấp trên."
)


@router.get("/can-bo")
def people(request: Request, session: SeesPeople, desk: TheDesk, vi: str = "") -> Response:
    """Show who is there and what about keys waits."""
    return _people(request, session, desk, notice=_NOTICES.get(vi))


def _people(
    request: Request,
    session: Session,
    desk: Desk,
    *,
    status: int = 200,
    notice: str | None = None,
    refusal: str | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    officers = desk.people.officers(session)
    acts = desk.key_acts.pending.of(session)
    units = {person.unit_id: person.unit_name for person in officers}
    units.setdefault(session.unit_id, session.officer.unit_name)
    return html(
        request,
        "people.html",
        status=status,
        room="people",
        notice=notice,
        refusal=refusal,
        taken=typed is not None,
        typed=typed or dict.fromkeys(_NEW_PERSON, ""),
        units=_by_unit(officers, session.unit_id),
        unit_choices=sorted(units.items(), key=lambda unit: (unit[0] != session.unit_id, unit[1])),
        to_hand={act.officer.id for act in acts if act.kind == "hand_key" and act.officer},
        act_on=_acts(acts),
        may_renew=session.officer.has_grant,
        at_the_top=desk.key_acts.epochs.parent_of(session.unit_id) is None,
    )


def _by_unit(officers: Iterable[OfficerView], own: str) -> list[tuple[str, list[OfficerView]]]:
    ordered = sorted(
        officers,
        key=lambda p: (p.unit_id != own, p.unit_name, p.unit_id, not p.active, p.has_grant, p.name),
    )
    groups = groupby(ordered, key=lambda person: (person.unit_id, person.unit_name))
    return [(name, list(members)) for (_, name), members in groups]


def _acts(acts: Iterable[PendingAct]) -> dict[str, list[PendingAct]]:
    found: dict[str, list[PendingAct]] = {kind: [] for kind in _KINDS}
    for act in acts:
        found.setdefault(act.kind, []).append(act)
    return found


@router.post("/can-bo")
def add(request: Request, session: SeesPeople, desk: TheDesk, form: TheForm) -> Response:
    """Add an account and show its one-time link, once; a taken login leaves the form as typed.

    That is a page and no error: what answers with 4xx never repeats what was typed.
    """
    typed = {name: form.text(name, most) for name, most in _NEW_PERSON.items()}
    try:
        token = desk.people.add_officer(session, **typed)
    except LoginTaken:
        return _people(request, session, desk, typed=typed)
    return _show_link(request, desk, token)


@router.post("/can-bo/{officer_id}/lien-ket")
def new_link(officer_id: str, request: Request, session: SeesPeople, desk: TheDesk) -> Response:
    """Show a new one-time link for somebody who has lost theirs, once."""
    return _show_link(request, desk, desk.people.new_link(session, officer_id))


def _show_link(request: Request, desk: Desk, token: str) -> Response:
    link = f"{desk.settings.console_url}/thiet-lap/{token}"
    return html(request, "added.html", room="people", link=link)


@router.post("/can-bo/{officer_id}/trao-khoa")
def hand_key(
    officer_id: str, request: Request, session: HandsKeys, desk: TheDesk, form: TheForm
) -> Response:
    """Hand the unit's key to an officer whose spoken digits fit: "Trao khóa"."""
    _sure(form.ticked("sure"))
    try:
        desk.key_acts.hand_key(session, officer_id, form.text("fingerprint", 20))
    except NotValid:
        return _people(request, session, desk, status=422, refusal=_OTHER_DIGITS)
    return RedirectResponse("/can-bo?vi=trao", 303)


@router.post("/can-bo/{officer_id}/cho-thoi")
def remove(officer_id: str, session: SeesPeople, desk: TheDesk, form: TheForm) -> Response:
    """End an account: sessions and grants die at once."""
    _sure(form.ticked("sure"))
    desk.people.remove_officer(session, officer_id)
    return RedirectResponse("/can-bo?vi=cho-thoi", 303)


@router.post("/khoa/lap")
def found(session: HandsKeys, desk: TheDesk) -> Response:
    """Make the top unit's first key."""
    desk.key_acts.found(session)
    return RedirectResponse("/khoa/yeu-cau", 303)


@router.get("/khoa/yeu-cau")
def founding(request: Request, session: HandsKeys, desk: TheDesk) -> Response:
    """Show the request that the offline root must certify."""
    made = desk.key_acts.founding_request(session)
    return html(request, "founding.html", room="people", founding=made)


@router.post("/khoa/{unit_id}/ky")
def sign(
    unit_id: str, request: Request, session: HandsKeys, desk: TheDesk, form: TheForm
) -> Response:
    """Sign the key that a unit below has drawn for itself."""
    try:
        desk.key_acts.epochs.sign_entry(session, unit_id, form.text("fingerprint", 20))
    except NotValid:
        return _people(request, session, desk, status=422, refusal=_OTHER_DIGITS)
    return RedirectResponse("/can-bo?vi=ky", 303)


@router.post("/khoa/{unit_id}/doi")
def new_epoch(unit_id: str, session: HandsKeys, desk: TheDesk, form: TheForm) -> Response:
    """Draw a new key for a unit; the one at the top then has a request for the root."""
    _sure(form.ticked("sure"))
    desk.key_acts.epochs.new_epoch(session, unit_id)
    at_the_top = desk.key_acts.epochs.parent_of(unit_id) is None
    return RedirectResponse("/khoa/yeu-cau" if at_the_top else "/can-bo?vi=doi", 303)


def _sure(ticked: bool) -> None:  # noqa: FBT001  one box of a form
    if not ticked:
        raise NotValid("the box was not ticked")
