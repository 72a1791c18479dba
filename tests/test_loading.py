"""No process carries what it is not asked for: each megabyte is there three times."""

import subprocess
import sys

import pytest

SELDOM = {"PIL", "holidays", "openpyxl", "reportlab", "segno"}


@pytest.mark.parametrize(
    ("rooms", "never"),
    [
        ("bot.serve", SELDOM | {"api", "apscheduler", "fastapi", "uvicorn"}),
        ("api.serve", SELDOM | {"apscheduler", "telegram"}),
        ("reminders.serve, api.commands.processes", SELDOM | {"fastapi", "jinja2", "uvicorn"}),
    ],
)
def test_a_process_loads_what_it_needs_at_start_and_no_more(rooms: str, never: set[str]) -> None:
    program = f"import sys, {rooms}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert never.isdisjoint(done.stdout.decode().split())


@pytest.mark.parametrize("room", ["bot.serve", "api.serve", "reminders.serve"])
def test_no_database_is_loaded_before_it_is_spoken_with(room: str) -> None:
    program = f"import sys, {room}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert {"sqlalchemy.dialects.postgresql", "psycopg"}.isdisjoint(done.stdout.decode().split())
