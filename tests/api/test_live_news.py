"""Live news: ids of tips that this officer may see, and never a reason to stay signed in."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from api.dependencies import Desk as Services
from api.routes import events
from intake.errors import DatabaseBusy
from intake.watch import Watch
from tests.api.desks import Desk

pytestmark = pytest.mark.anyio


def stream(desk: Desk, login: str) -> AsyncIterator[str]:
    cookie = desk.signed_in(login).cookies["__Host-homthu"]
    services: Services = desk.app.state.desk
    return events.news(services, cookie, 0)


async def test_a_new_tip_is_told_by_its_id_alone(desk: Desk) -> None:
    told = stream(desk, "phuong.binh")
    assert await anext(told) == ": open\n\n"
    tip = desk.tip(what="bán ma tuý")
    assert await anext(told) == f"event: tips\ndata: {tip}\n\n"


async def test_nobody_hears_of_tips_that_are_not_theirs(desk: Desk) -> None:
    ward, other = stream(desk, "phuong.binh"), stream(desk, "xa.dung")
    assert await anext(ward) == await anext(other) == ": open\n\n"
    desk.tip(what="công an phường nhận tiền", conflict="yes")
    assert await anext(ward) == ": quiet\n\n"
    desk.tip(what="bán ma tuý")
    assert await anext(other) == ": quiet\n\n"


async def test_watching_does_not_keep_a_session_alive_and_ends_with_it(desk: Desk) -> None:
    told = stream(desk, "phuong.binh")
    await anext(told)
    for _ in range(2):
        desk.ward.clock.advance(timedelta(minutes=7))
        assert await anext(told) == ": quiet\n\n"
    desk.ward.clock.advance(timedelta(minutes=2))
    assert [line async for line in told] == ["event: ended\ndata: \n\n"]


@pytest.mark.parametrize("login", ["phuong.chi"])
async def test_a_removed_officer_hears_nothing_more(desk: Desk, login: str) -> None:
    told = stream(desk, login)
    await anext(told)
    desk.signed_in("quantri").delete(f"/api/v1/officers/{desk.officer_id(login)}")
    assert await anext(told) == "event: ended\ndata: \n\n"


async def test_a_busy_database_ends_the_stream_quietly(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = stream(desk, "phuong.binh")
    await anext(told)

    def busy(self: Watch, cookie: str) -> None:
        raise DatabaseBusy("locked")

    monkeypatch.setattr(Watch, "marks", busy)
    assert await anext(told) == "event: ended\ndata: \n\n"


async def test_watching_writes_no_audit_row(desk: Desk) -> None:
    told = stream(desk, "phuong.binh")
    before = desk.audit()
    await anext(told)
    await anext(told)
    assert desk.audit() == before


def test_the_stream_is_served_as_events(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Watch, "marks", lambda self, cookie: None)
    answer = desk.signed_in("phuong.binh").get("/api/v1/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text == ": open\n\nevent: ended\ndata: \n\n"
    assert desk.app.state.desk.watch.marks("khong phai") is None
