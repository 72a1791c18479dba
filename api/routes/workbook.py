"""The compliance workbook (.xlsx), for the console and for programs alike."""

from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager
from typing import IO
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from api.console.work_figures import Area as PageArea
from api.console.work_figures import Month as PageMonth
from api.dependencies import TheDesk
from api.policy import ReadsWork
from api.routes.answers import json_router
from api.routes.compliance import Area, Month
from intake.ward.workbook import MEDIA

router = json_router("việc tháng")
pages = APIRouter(include_in_schema=False)
_PIECE = 64 * 1024
Workbook = AbstractContextManager[tuple[str, IO[bytes]]]


@router.get(
    "/compliance/workbook",
    operation_id="read_workbook",
    response_class=StreamingResponse,
    responses={200: {"content": {MEDIA: {"schema": {"type": "string", "format": "binary"}}}}},
)
def workbook(
    session: ReadsWork, desk: TheDesk, area: Area = None, month: Month = ""
) -> StreamingResponse:
    """Return figures, matrix, sessions and definitions of the twelve months up to ``month``."""
    return _streamed(desk.work.sheets.open(session, area, month))


@pages.get("/viec/bang.xlsx")
def page(
    session: ReadsWork, desk: TheDesk, area: PageArea = "", month: PageMonth = ""
) -> StreamingResponse:
    """Hand out the same workbook to whoever clicks on it."""
    return _streamed(desk.work.sheets.open(session, area or None, month))


def _streamed(opened: Workbook) -> StreamingResponse:
    """Return the bytes piece by piece; the file goes when the last one is out."""
    pieces = _pieces(opened)
    name = str(next(pieces))
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return StreamingResponse(_bytes(pieces), media_type=MEDIA, headers=headers)


def _pieces(opened: Workbook) -> Generator[str | bytes]:
    with opened as (name, body):
        yield name
        while piece := body.read(_PIECE):
            yield piece


def _bytes(pieces: Iterator[str | bytes]) -> Iterator[bytes]:
    return (piece for piece in pieces if isinstance(piece, bytes))
