"""The console's own files: one style sheet, a few ES modules, one drawing. Nothing from elsewhere.

Read once at start-up; a name that is not in the list is not found, so no path is ever followed.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Response

from api.policy import Anyone
from intake.errors import NotFound

_FOLDER = Path(__file__).parent / "static"
_SHEETS = ("base.css", "frame.css", "queue.css", "tip.css", "people.css", "work.css", "areas.css",
           "nudges.css", "phone.css")  # fmt: skip
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
          ".svg": "image/svg+xml"}  # fmt: skip


class Asset(NamedTuple):
    """One file as it is served; ``mark`` changes when its bytes do."""

    body: bytes
    media_type: str
    mark: str


def _read() -> Mapping[str, Asset]:
    sheet = b"\n".join((_FOLDER / name).read_bytes() for name in _SHEETS)
    files = {path.name: path.read_bytes() for path in _FOLDER.iterdir() if path.suffix != ".css"}
    # One mark for all: a module names its neighbours without a mark, so none may outlive another.
    mark = hashlib.sha256(b"".join([sheet, *(files[name] for name in sorted(files))])).hexdigest()
    return {
        name: Asset(body, _TYPES[Path(name).suffix], mark[:16])
        for name, body in {"console.css": sheet, **files}.items()
    }


_ASSETS = _read()


def asset_path(name: str) -> str:
    """Return the address of an asset, which changes with its bytes."""
    return f"/static/{_ASSETS[name].mark}/{name}"


router = APIRouter()


@router.get("/static/{mark}/{name}", include_in_schema=False)
def asset(
    mark: str, name: str, _: Annotated[None, Depends(Anyone("style and scripts hold no content"))]
) -> Response:
    """Hand out one file; it may be kept for ever, for its address changes with it."""
    found = _ASSETS.get(name)
    if found is None or found.mark != mark:
        raise NotFound("no such file")
    keep = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(found.body, headers=keep, media_type=found.media_type)
