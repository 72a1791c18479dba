"""What each public route may be sent: its methods and the size of a body.

``create_public_app`` refuses to start with a route that has no line here, so nobody can add a door
and forget its lock. Paths are the routes' own patterns.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from starlette.routing import BaseRoute, Route

from intake.errors import Misconfigured

NO_BODY = 0
SMALL_BODY = 128 * 1024
FORM_BODY = 12 * 1024 * 1024  # a tip with its pictures; more can follow on the next page
FORM_READ = 48 * 1024 * 1024  # a form that is too large is read so far, to save its words


class RoutePolicy(NamedTuple):
    """One route's lock, in bytes.

    Of a form over ``max_body`` whose announced length is within ``read_on``, only the words are
    kept, and its files are thrown away as they arrive.
    """

    methods: frozenset[str]
    max_body: int = NO_BODY
    read_on: int = 0


_READ = frozenset({"GET", "HEAD"})
_FORM = frozenset({"GET", "HEAD", "POST"})

PUBLIC_ROUTES: Mapping[str, RoutePolicy] = {
    "/": RoutePolicy(_READ),
    "/gui-tin": RoutePolicy(_FORM, FORM_BODY, FORM_READ),
    "/tra-cuu": RoutePolicy(_FORM, FORM_BODY, FORM_READ),
    "/viec": RoutePolicy(_FORM, FORM_BODY),
    "/viec/tep/{at}": RoutePolicy(_READ),
    "/lich/{secret}.ics": RoutePolicy(_READ),
    "/q/{code}": RoutePolicy(_READ),
    "/thoat-nhanh": RoutePolicy(_READ),
    "/static/{name}": RoutePolicy(_READ),
    "/healthz": RoutePolicy(_READ),
    "/readyz": RoutePolicy(_READ),
}


def check_routes(routes: Iterable[BaseRoute], policies: Mapping[str, RoutePolicy]) -> None:
    """Refuse a route without a policy, or with more methods than its policy allows.

    Raises:
        Misconfigured: names the route.
    """
    for route in routes:
        path = getattr(route, "path", "?")
        policy = policies.get(path)
        if not isinstance(route, Route) or policy is None:
            raise Misconfigured(f"public route {path} has no policy")
        if not (route.methods or set()) <= policy.methods:
            raise Misconfigured(
                f"public route {path} answers methods that its policy does not name"
            )
