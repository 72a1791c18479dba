"""The officers' side on SQLite; what differs between databases is tested below the doors."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from storage.database import Database
from tests.api.desks import Desk, open_desk
from tests.api.work_desk import WorkDesk, open_work_desk
from tests.clocks import FixedClock
from tests.wards import Template, Ward, open_ward


@pytest.fixture
def ward(furnished: Template, tmp_path: Path, sqlite_database: Database, clock: FixedClock) -> Ward:
    """A furnished installation on SQLite."""
    return open_ward(furnished, tmp_path, sqlite_database, clock)


@pytest.fixture
def desk(ward: Ward) -> Desk:
    """The officers' side over it."""
    return open_desk(ward)


@pytest.fixture
def work(desk: Desk) -> WorkDesk:
    """A ward with neighbourhoods that owe something."""
    return open_work_desk(desk)


@pytest.fixture
def clerk(work: WorkDesk) -> TestClient:
    """A browser in which the ward's clerk has signed in."""
    return work.desk.signed_in("phuong.em")
