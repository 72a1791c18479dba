"""Reads what the demo phone's page posts: small JSON objects from this machine's own pages."""

import json
from typing import Any

from starlette.requests import Request

from intake.errors import NotAllowed, NotValid


async def read_json(request: Request) -> dict[str, Any]:
    """Return the object that was posted.

    Raises:
        NotAllowed: posted by another site's page.
        NotValid: not a JSON object.
    """
    refuse_strangers(request)
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise NotValid("not JSON")
    try:
        told = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise NotValid("not JSON") from None
    if not isinstance(told, dict):
        raise NotValid("not an object")
    return {str(name): value for name, value in told.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def refuse_strangers(request: Request) -> None:
    """Refuse a post that another site's page makes from this machine's browser.

    Raises:
        NotAllowed: it is one.
    """
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise NotAllowed("posted from another site")


def short(told: dict[str, Any], name: str) -> str:
    """Return a short text of it; "" for anything else."""
    value = told.get(name)
    return value[:200] if isinstance(value, str) else ""
