"""JSON: signing in and out, and the first set-up behind a one-time link.

Passphrases and six-digit codes travel in bodies, never in addresses; they are not logged or echoed.
"""

from typing import Annotated

from fastapi import Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from api.dependencies import (
    Desk,
    TheDesk,
    cookie_name,
    drop_cookie,
    set_cookie,
    source_of,
)
from api.policy import Anyone, SignedInPerson
from api.routes.answers import json_router
from intake.errors import NotSignedIn
from intake.officers import OfficerView, Session

Word = Annotated[str, Field(max_length=200)]
router = json_router("phiên")
NOT_FITTING = "Chưa đúng. Xem lại tên, cụm mật khẩu và mã 6 số (mỗi mã chỉ dùng một lần)."


class Asked(BaseModel):
    """Base of every request body: no field that is not asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SignInAsked(Asked):
    """What a sign-in needs."""

    login: Word
    passphrase: Word
    totp: Word


class SetupAsked(Asked):
    """The token of a one-time link."""

    token: Word


class SetupFinished(SetupAsked):
    """What was shown, typed again; ``ticket`` comes from the first step."""

    ticket: Annotated[str, Field(max_length=4096)]
    passphrase: Word
    totp: Word


class SessionView(BaseModel):
    """Who is signed in; ``form_token`` goes into ``X-Form-Token`` with every write."""

    model_config = ConfigDict(frozen=True)
    officer: OfficerView
    form_token: str
    idle_minutes: int


class EnrolmentView(BaseModel):
    """What a new officer writes down; shown once and stored nowhere."""

    model_config = ConfigDict(frozen=True)
    officer: OfficerView
    passphrase: str
    totp_secret: str
    totp_uri: str
    ticket: str


def view_of(desk: Desk, session: Session) -> SessionView:
    """Return what a session may know of itself."""
    return SessionView(
        officer=session.officer,
        form_token=session.form_token,
        idle_minutes=desk.settings.session_idle_minutes,
    )


async def open_session(
    desk: Desk, request: Request, response: Response, asked: SignInAsked
) -> Session:
    """Sign somebody in for either door: gate, sign-in, what a sign-in owes, cookie.

    Raises:
        NotSignedIn: something does not fit; the answer never says which.
        Slow: this source has several tries waiting already.
    """

    def work() -> tuple[str, Session]:
        signed_in = desk.sign_ins.sign_in(asked.login, asked.passphrase, asked.totp)
        desk.key_acts.settle(signed_in.session)
        return signed_in.cookie, signed_in.session

    try:
        cookie, session = await desk.gate.run(source_of(request), work)
    except NotSignedIn as error:
        desk.counters.add("sign_ins_refused")
        error.advice = NOT_FITTING  # not the usual one: no session has ended here
        raise
    desk.counters.add("sign_ins")
    if cookie_name(desk.settings) in request.cookies:
        await run_in_threadpool(end_session, desk, request)  # one browser, one session
    set_cookie(response, desk.settings, cookie)
    return session


def end_session(desk: Desk, request: Request) -> None:
    """End the session that the request's cookie carries, for either door."""
    cookie = request.cookies.get(cookie_name(desk.settings), "")
    desk.sign_ins.sign_out(cookie)
    desk.counters.end(cookie)


@router.post("/session", status_code=201, operation_id="sign_in")
async def sign_in(
    asked: SignInAsked,
    desk: TheDesk,
    request: Request,
    response: Response,
    _: Annotated[None, Depends(Anyone("signing in"))],
) -> SessionView:
    """Open a session; the cookie comes with the answer. Slow by design."""
    return view_of(desk, await open_session(desk, request, response, asked))


@router.get("/session", operation_id="read_session")
def read_session(session: SignedInPerson, desk: TheDesk) -> SessionView:
    """Tell who is signed in."""
    return view_of(desk, session)


@router.delete("/session", status_code=204, operation_id="sign_out")
def sign_out(session: SignedInPerson, desk: TheDesk, request: Request, response: Response) -> None:
    """End the session."""
    del session  # that there is one, with its form token, is the policy
    end_session(desk, request)
    drop_cookie(response, desk.settings)


@router.post("/setup", operation_id="begin_setup")
def begin_setup(
    asked: SetupAsked,
    desk: TheDesk,
    _: Annotated[None, Depends(Anyone("first set-up; the one-time token is the right"))],
) -> EnrolmentView:
    """Draw a passphrase and a second factor for the person behind a one-time link."""
    drawn = desk.sign_ins.enrol_begin(asked.token)
    return EnrolmentView(
        officer=drawn.officer,
        passphrase=drawn.passphrase,
        totp_secret=drawn.totp_secret,
        totp_uri=drawn.totp_uri,
        ticket=drawn.ticket,
    )


@router.post("/setup/finish", operation_id="finish_setup")
async def finish_setup(
    asked: SetupFinished,
    desk: TheDesk,
    request: Request,
    _: Annotated[None, Depends(Anyone("first set-up; the one-time token is the right"))],
) -> OfficerView:
    """Make the officer's key; the link is spent."""
    return await desk.gate.run(
        source_of(request),
        lambda: desk.sign_ins.enrol_finish(asked.token, asked.ticket, asked.passphrase, asked.totp),
    )
