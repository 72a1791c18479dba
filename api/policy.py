"""Who may call which route: every route declares one policy, and the app refuses to start without.

The rule itself is ``intake.policy``; the services judge each unit and each tip again. This door
checks what a role may do at all, and that a write carries the session's form token.
"""

import hmac
from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.dependencies import Form, cookie_name, desk_of, read_form
from intake.errors import Misconfigured, NotAllowed
from intake.officers import Session
from intake.policy import RIGHTS, Right

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class FormTokenMissing(NotAllowed):
    """A write without the session's form token."""

    code = "form_token"


class Needs:
    """A route's policy: a signed-in person whose role has one of these rights."""

    def __init__(self, *rights: Right) -> None:
        self.rights = frozenset(rights)

    def __call__(self, request: Request, form: Annotated[Form, Depends(read_form)]) -> Session:
        """Return the session, or refuse.

        Raises:
            NotSignedIn: no session.
            NotAllowed: the role has none of the rights, or the form token does not fit.
        """
        desk = desk_of(request)
        cookie = request.cookies.get(cookie_name(desk.settings), "")
        session = desk.sign_ins.session(cookie)
        desk.counters.use(cookie)
        if not self.rights & RIGHTS.get(session.role, frozenset()):
            raise NotAllowed("this role has no such right")
        if request.method not in SAFE_METHODS:
            _check_token(request, form, session)
        request.state.session = session
        return session


class Anyone:
    """A route's policy: open to the world, for the reason given."""

    def __init__(self, why: str) -> None:
        self.why = why

    def __call__(self) -> None:
        """Let everybody in."""


Policy = Needs | Anyone


def _check_token(request: Request, form: Form, session: Session) -> None:
    told = request.headers.get("x-form-token") or form.fields.get("form_token") or ""
    if not hmac.compare_digest(told.encode(), session.form_token.encode()):
        raise FormTokenMissing("the form token does not fit")


def policy_of(route: APIRoute) -> Policy | None:
    """Return the one policy that a route declares."""
    found = [call for call in _calls(route.dependant) if isinstance(call, Needs | Anyone)]
    return found[0] if len(found) == 1 else None


def _calls(dependant: Dependant) -> Iterator[object]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from _calls(inner)


def check_every_route(app: FastAPI) -> None:
    """Refuse an app with a route that says nothing about who may call it.

    Raises:
        Misconfigured: names the path.
    """
    for route in app.routes:
        if not isinstance(route, APIRoute) or policy_of(route) is None:
            raise Misconfigured(f"a route without a policy: {getattr(route, 'path', '?')}")


ReadsQueue = Annotated[Session, Depends(Needs(Right.READ_QUEUE))]
OpensTips = Annotated[Session, Depends(Needs(Right.OPEN_TIP))]
Answers = Annotated[Session, Depends(Needs(Right.ANSWER))]
Closes = Annotated[Session, Depends(Needs(Right.CLOSE))]
HandsKeys = Annotated[Session, Depends(Needs(Right.HAND_KEYS))]
SeesPeople = Annotated[Session, Depends(Needs(Right.HAND_KEYS, Right.MANAGE_PEOPLE))]
SignedInPerson = Annotated[Session, Depends(Needs(Right.SELF))]
ReadsWork = Annotated[Session, Depends(Needs(Right.READ_WORK))]
ReviewsWork = Annotated[Session, Depends(Needs(Right.REVIEW_WORK))]
ManagesLeaders = Annotated[Session, Depends(Needs(Right.MANAGE_LEADERS))]
FilesReports = Annotated[Session, Depends(Needs(Right.FILE_REPORTS))]
TurnsSwitch = Annotated[Session, Depends(Needs(Right.MANAGE_LEADERS, Right.MANAGE_PEOPLE))]
ManagesAreas = Annotated[Session, Depends(Needs(Right.MANAGE_AREAS))]
