"""A leader's browser, known by a secret that it alone keeps.

The secret is a cookie for ``/viec`` and nothing else: a browser never sends it to the pages on
which tips are written and answers are read. Of it only a hash is kept, as the address of a chat.
"""

import hashlib
import secrets
from datetime import timedelta
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

PATH = "/viec"
_LIFE = timedelta(days=400)  # the longest that browsers keep a cookie
_BYTES = 32
_LENGTH = 43  # letters of a secret


class Device(NamedTuple):
    """One browser: ``secret`` stays with it, ``address`` is what the house knows."""

    secret: str
    address: str

    @property
    def mark(self) -> str:
        """What its forms carry, so that one given to another device takes no step for this one."""
        digest = hashlib.sha256(b"homthu form " + self.secret.encode("utf-8", "replace"))
        return digest.hexdigest()[:32]

    def __repr__(self) -> str:
        """Return nothing of either."""
        return "Device"


class Devices:
    """Gives browsers their secret, and knows them by it."""

    def __init__(self, *, https: bool) -> None:
        self._https = https
        self._name = "__Secure-viec" if https else "viec"

    def new(self) -> Device:
        """Return a device that nobody has met."""
        return _device(secrets.token_urlsafe(_BYTES))

    def of(self, request: Request) -> Device | None:
        """Return the device that a request comes from; None for one that brings no secret."""
        secret = request.cookies.get(self._name, "")
        return _device(secret) if len(secret) == _LENGTH else None

    def remember(self, response: Response, device: Device, *, for_good: bool) -> None:
        """Have the browser keep its secret: until it is closed, or as long as it may."""
        life = int(_LIFE.total_seconds()) if for_good else None
        response.set_cookie(
            self._name, device.secret, max_age=life,
            path=PATH, secure=self._https, httponly=True, samesite="strict",
        )  # fmt: skip

    def forget(self, response: Response) -> None:
        """Have the browser drop its secret."""
        response.delete_cookie(
            self._name, path=PATH, secure=self._https, httponly=True, samesite="strict"
        )


def _device(secret: str) -> Device:
    digest = hashlib.sha256(b"homthu device " + secret.encode("utf-8", "replace"))
    return Device(secret, digest.hexdigest())
