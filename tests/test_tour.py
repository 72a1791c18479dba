"""The tour is still true: every stop that it names exists."""

import ast
import re
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[1]
TEXT = (HOUSE / "docs/tour.md").read_text("utf-8")
STOPS = sorted(set(re.findall(r"`([\w/]+\.py)::([\w.]+)`", TEXT)))
ROOMS = sorted(set(re.findall(r"`([a-z_]+(?:\.[a-z_]+)+)::([\w.]+)`", TEXT)))  # by module's name
FILES = sorted(set(re.findall(r"`([\w/]+\.(?:py|md))`", TEXT)))


def names_in(path: Path) -> set[str]:
    """Return `name` and `Class.method` for everything that a file defines."""
    found: set[str] = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            inner = (ast.FunctionDef, ast.AsyncFunctionDef)
            found |= {f"{node.name}.{each.name}" for each in node.body if isinstance(each, inner)}
    return found


@pytest.mark.parametrize(("file", "name"), STOPS)
def test_each_stop_of_the_tour_exists(file: str, name: str) -> None:
    assert name in names_in(HOUSE / file)


@pytest.mark.parametrize(("module", "name"), ROOMS)
def test_each_module_of_the_tour_has_what_is_named(module: str, name: str) -> None:
    assert name in names_in(HOUSE / f"{module.replace('.', '/')}.py")


@pytest.mark.parametrize("file", FILES)
def test_each_file_of_the_tour_exists(file: str) -> None:
    assert (HOUSE / file).is_file()


def test_the_tour_has_stops() -> None:
    assert len(STOPS) > 20
