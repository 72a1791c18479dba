"""Whether the process lives and can serve; and the operator's figures, on a socket of their own.

``/healthz`` and ``/readyz`` are on the officers' port and say one word. ``/metrics`` is never
there: ``create_metrics_app`` is a small app that the supervisor binds to a unix socket with mode
0600. No figure is about a tip, a person or an hour.
"""

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from api.counters import Counters
from api.dependencies import TheDesk
from api.errors import PROBLEM_TYPE, problem
from api.policy import Anyone
from intake.upkeep.health import Figures, Health

router = APIRouter(tags=["máy"])
_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@router.get("/healthz", operation_id="healthz", response_class=PlainTextResponse)
def healthz(_: Annotated[None, Depends(Anyone("says only that the process lives"))]) -> str:
    """Tell that the process lives."""
    return "ok\n"


@router.get("/readyz", operation_id="readyz", response_class=PlainTextResponse)
def readyz(
    desk: TheDesk, _: Annotated[None, Depends(Anyone("says only whether the desk can serve"))]
) -> Response:
    """Tell whether the database can be written and has the right schema; 503 when not."""
    figures = desk.health.figures()
    if figures.writer_alive and figures.schema_current:
        return PlainTextResponse("ready\n")
    body = problem(503, "try_later").model_dump_json()
    return Response(body, 503, {"Retry-After": "30"}, media_type=PROBLEM_TYPE)


def create_metrics_app(health: Health, counters: Counters) -> Starlette:
    """Return the operator's app; whoever can reach its socket may read it."""

    async def metrics(request: Request) -> Response:
        del request
        figures = await run_in_threadpool(health.figures)
        text = "\n".join(_lines(figures, counters)) + "\n"
        return PlainTextResponse(text, media_type=_METRICS_TYPE)

    return Starlette(routes=[Route("/metrics", metrics, methods=["GET"])])


def _lines(figures: Figures, counters: Counters) -> Iterator[str]:
    yield from _gauge("homthu_writer_alive", "1 while the database takes writes.")
    yield f"homthu_writer_alive {int(figures.writer_alive)}"
    yield from _gauge("homthu_schema_current", "1 while the schema fits the code.")
    yield f"homthu_schema_current {int(figures.schema_current)}"
    yield from _gauge(
        "homthu_open_sessions",
        "Sessions in use, seen by this process.",
    )
    yield f"homthu_open_sessions {counters.open_sessions()}"
    yield from _gauge("homthu_probe_age_days", "Days since a sign-in proved the unit's key.")
    for unit, age in sorted(figures.probe_age_days.items()):
        shown = "NaN" if age is None else age
        yield f'homthu_probe_age_days{{unit="{_label(unit)}"}} {shown}'
    yield from _gauge("homthu_job_age_seconds", "Seconds since a job last succeeded.")
    for name, job in sorted(figures.jobs.items()):
        shown = "NaN" if job.age_seconds is None else job.age_seconds
        yield f'homthu_job_age_seconds{{job="{_label(name)}"}} {shown}'
    yield from _gauge("homthu_job_late", "1 while a job has not succeeded in its time.")
    for name, job in sorted(figures.jobs.items()):
        yield f'homthu_job_late{{job="{_label(name)}"}} {int(job.late)}'
    yield from _gauge("homthu_day", "Counts of the last whole day, rounded to five.")
    for name, count in counters.yesterday().items():
        yield f'homthu_day{{what="{name}"}} {count}'


def _gauge(name: str, meaning: str) -> Iterator[str]:
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} gauge"


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
