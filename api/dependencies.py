"""What every route may lean on: the desk's services, the session cookie, the typed form.

Nothing here decides a rule and nothing here logs. Forms are read by an own parser, in memory: the
framework's would echo values in its errors and spool uploads to disk.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, cast
from urllib.parse import parse_qsl, urlsplit

from fastapi import Depends, Request, Response

from api.counters import Counters
from api.multipart import MULTIPART, read_parts
from api.sign_in_gate import SignInGate
from intake.country.area_import import AreaImport
from intake.disclosure import Disclosure
from intake.errors import NotValid
from intake.handover import KeyActs
from intake.limits import sender_of
from intake.people import People
from intake.ports import Clock
from intake.settings import Settings
from intake.sign_ins import SignIns
from intake.triage import Triage
from intake.upkeep.health import Health
from intake.ward.nudges import WardNudges
from intake.ward.work import WardWork
from intake.watch import Watch

_FORM_TYPE = "application/x-www-form-urlencoded"
_MOST_FIELDS = 30
_EMPTY: Mapping[str, str] = {}
_NO_FILES: Mapping[str, bytes] = {}


@dataclass(frozen=True, slots=True)
class Desk:
    """The services behind the officers' doors, joined once at start-up."""

    people: People
    sign_ins: SignIns
    triage: Triage
    disclosure: Disclosure
    key_acts: KeyActs
    settings: Settings
    clock: Clock
    watch: Watch
    health: Health
    gate: SignInGate
    counters: Counters
    work: WardWork
    nudges: WardNudges
    area_imports: AreaImport


@dataclass(frozen=True, slots=True, repr=False)
class Form:
    """The fields of a posted page form; empty for anything else."""

    fields: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    files: Mapping[str, bytes] = field(default_factory=lambda: _NO_FILES)

    def text(self, name: str, most: int) -> str:
        """Return a field of at most ``most`` characters.

        Raises:
            NotValid: missing or longer.
        """
        value = self.fields.get(name)
        if value is None or len(value) > most:
            raise NotValid("a field is missing or too long")
        return value

    def number(self, name: str) -> int:
        """Return a field that holds a small whole number.

        Raises:
            NotValid: missing or something else.
        """
        value = self.text(name, 9)
        if not (value.isascii() and value.isdecimal()):
            raise NotValid("a field is not a number")
        return int(value)

    def ticked(self, name: str) -> bool:
        """Return whether a box is ticked."""
        return self.fields.get(name) == "yes"


def desk_of(request: Request) -> Desk:
    """Return the services of the app that serves ``request``."""
    return cast("Desk", request.app.state.desk)


async def read_form(request: Request) -> Form:
    """Read a page's form in memory; the body's size is capped before this runs.

    Raises:
        NotValid: not UTF-8, or more fields than any form here has.
    """
    content_type = request.headers.get("content-type", "")
    if content_type.lower().startswith(MULTIPART):
        return Form(*read_parts(await request.body(), content_type))
    if content_type.split(";")[0].strip().lower() != _FORM_TYPE:
        return Form()
    try:
        body = (await request.body()).decode("ascii")
        pairs = parse_qsl(
            body, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict"
        )
    except ValueError:
        raise NotValid("a form that cannot be read") from None
    return Form(dict(pairs))


def cookie_name(settings: Settings) -> str:
    """Return the session cookie's name: ``__Host-`` needs https, which the demo has not."""
    return "homthu_demo" if settings.demo else "__Host-homthu"


def set_cookie(response: Response, settings: Settings, value: str) -> None:
    """Give the browser its session: gone with the browser, unseen by scripts and other sites."""
    response.set_cookie(
        cookie_name(settings), value, path="/", secure=not settings.demo, httponly=True,
        samesite="strict",
    )  # fmt: skip


def drop_cookie(response: Response, settings: Settings) -> None:
    """Take the session cookie away."""
    response.delete_cookie(
        cookie_name(settings), path="/", secure=not settings.demo, httponly=True, samesite="strict"
    )


def origin_of(url: str) -> str:
    """Return the origin of a URL, as a browser writes it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def source_of(request: Request) -> str:
    """Return whom a try counts for; see `intake.limits.sender_of`."""
    peer = request.client.host if request.client else ""
    told = request.headers.getlist("x-forwarded-for")
    return sender_of(told, peer, desk_of(request).settings.trusted_proxies)


TheDesk = Annotated[Desk, Depends(desk_of)]
TheForm = Annotated[Form, Depends(read_form)]
