"""Whoever calls an address by a method that it does not serve is told those that it does."""

from collections.abc import Callable

import httpx
import pytest

from storage.database import Database
from tests.promises.test_routes import METHODS, fill, officer_paths, public_paths
from tests.running.house import House

OpenHouse = Callable[..., House]


def told_and_served(caller: httpx.Client, path: str) -> tuple[set[str], set[str]]:
    """Return the methods that an address names when it refuses one, and those it does not refuse.

    Every refusal names the same.
    """
    answers = {method: caller.request(method, path) for method in METHODS}
    refused = [answer for answer in answers.values() if answer.status_code == 405]
    (told,) = {answer.headers.get("allow", "") for answer in refused}
    served = {method for method, answer in answers.items() if answer not in refused}
    return set(told.split(", ")), served


@pytest.mark.parametrize("door", ["public", "officer"])
def test_a_refused_method_is_told_every_method_that_is_served_there(
    open_house: OpenHouse, quick_sqlite: Database, door: str
) -> None:
    house = open_house("real", quick_sqlite)
    caller = house.caller("nobody at all", door, Sec_Fetch_Site="same-origin")
    paths = public_paths(house) if door == "public" else officer_paths(house)
    for path in sorted({fill(path, "x") for path in paths}):
        told, served = told_and_served(caller, path)
        assert told == served, path


def test_the_pages_that_take_a_form_name_post_too(
    open_house: OpenHouse, quick_sqlite: Database
) -> None:
    house = open_house("real", quick_sqlite)
    caller = house.caller("nobody at all")
    for path in ("/gui-tin", "/tra-cuu", "/viec"):
        assert caller.put(path).headers["allow"] == "GET, HEAD, POST", path
