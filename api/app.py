"""Joins the officers' side: JSON API and console over the same services, behind one shield.

No rule lives here. The app refuses to be built with a route that declares no policy.
"""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from api.console import (
    area_pages,
    assets,
    nudge_pages,
    own_pages,
    pages,
    work_figures,
    work_leaders,
    work_reports,
    work_review,
)
from api.console import people as people_pages
from api.console import sign_in as sign_in_pages
from api.counters import Counters
from api.dependencies import Desk, cookie_name
from api.errors import add_handlers
from api.policy import Anyone, Needs, check_every_route, policy_of
from api.routes import (
    calendar,
    check_ins,
    compliance,
    events,
    filings,
    keys,
    leaders,
    nudges,
    session,
    tips,
    workbook,
)
from api.routes import health as health_routes
from api.routes import people as people_routes
from api.shield import Shield
from api.sign_in_gate import SignInGate
from intake.country.area_import import AreaImport
from intake.disclosure import Disclosure
from intake.handover import KeyActs
from intake.limits import Buckets
from intake.people import People
from intake.ports import Clock
from intake.settings import Settings
from intake.sign_ins import SignIns
from intake.triage import Triage
from intake.upkeep.health import Health
from intake.ward.nudges import WardNudges
from intake.ward.work import WardWork
from intake.watch import Watch

OPENAPI_PATH = "/api/v1/openapi.json"
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_SAYS = (
    "Bàn trực của cán bộ. Mọi lệnh ghi cần cookie phiên, tiêu đề X-Form-Token của phiên, và "
    "Sec-Fetch-Site: same-origin hoặc Origin đúng trang này. Lỗi trả về theo RFC 9457."
)
_ROUTERS = (
    session.router, tips.router, people_routes.router, keys.router, events.router,
    health_routes.router, compliance.router, workbook.router, workbook.pages, check_ins.router,
    leaders.router, filings.router, nudges.router, calendar.router, calendar.pages,
    sign_in_pages.router, pages.router, people_pages.router, area_pages.router, work_figures.router,
    work_review.router, work_leaders.router, work_reports.router, nudge_pages.router,
    own_pages.router, assets.router,
)  # fmt: skip


def create_officer_app(
    *,
    people: People,
    sign_ins: SignIns,
    triage: Triage,
    disclosure: Disclosure,
    key_acts: KeyActs,
    work: WardWork,
    nudges: WardNudges,
    area_imports: AreaImport,
    settings: Settings,
    clock: Clock,
    watch: Watch,
    health: Health,
    gate: SignInGate | None = None,
    counters: Counters | None = None,
) -> FastAPI:
    """Build the officers' side.

    ``counters`` is shared with ``create_metrics_app``.

    Raises:
        Misconfigured: a route without a policy.
    """
    counted = counters or Counters(clock)
    door = gate or SignInGate(Buckets(clock))
    desk = Desk(
        people=people, sign_ins=sign_ins, triage=triage, disclosure=disclosure, key_acts=key_acts,
        settings=settings, clock=clock, watch=watch, health=health, gate=door, counters=counted,
        work=work, nudges=nudges, area_imports=area_imports,
    )  # fmt: skip
    app = FastAPI(
        title="Hòm Thư", version="1", openapi_url=None, docs_url=None, redoc_url=None,
        redirect_slashes=False,
    )  # fmt: skip
    app.state.desk = desk
    for router in (*_ROUTERS, _documentation(lambda: _openapi(app, settings))):
        app.router.routes.extend(router.routes)
    app.add_middleware(Shield, settings=settings, counters=counted)
    add_handlers(app)
    check_every_route(app)
    return app


def _documentation(document: Callable[[], dict[str, Any]]) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get(OPENAPI_PATH)
    def openapi(_: Annotated[None, Depends(Anyone("describes the API"))]) -> JSONResponse:
        return JSONResponse(document())

    return router


def _openapi(app: FastAPI, settings: Settings) -> dict[str, Any]:
    """Return the OpenAPI document, with how a caller proves who they are."""
    if app.openapi_schema:
        return app.openapi_schema
    document = get_openapi(
        title=app.title, version=app.version, description=_SAYS, routes=app.routes
    )
    schemes = {
        "session": {"type": "apiKey", "in": "cookie", "name": cookie_name(settings)},
        "form": {"type": "apiKey", "in": "header", "name": "X-Form-Token"},
    }
    document["components"]["securitySchemes"] = schemes
    for route in app.routes:
        if not isinstance(route, APIRoute) or not isinstance(policy_of(route), Needs):
            continue
        for method in (route.methods or set[str]()) & _METHODS if route.include_in_schema else ():
            told = ("session",) if method == "GET" else ("session", "form")
            operation = document["paths"][route.path][method.lower()]
            operation["security"] = [{name: list[str]() for name in told}]
    app.openapi_schema = document
    return document
