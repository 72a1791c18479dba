"""`homthu --help`: plain words for every command."""

from collections.abc import Iterator
from typing import Any

import pytest
import typer

import homthu


def commands(command: Any, name: str = "homthu") -> Iterator[Any]:
    yield pytest.param(command, id=name)
    for word, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, f"{name} {word}")


COMMANDS = list(commands(typer.main.get_command(homthu.app)))


def test_there_are_commands() -> None:
    assert len(COMMANDS) > 20


@pytest.mark.parametrize("command", COMMANDS)
def test_no_help_shows_raw_markup(command: Any) -> None:
    texts = [command.help, *(getattr(param, "help", None) for param in command.params)]
    assert "`" not in "\n".join(text for text in texts if text)
