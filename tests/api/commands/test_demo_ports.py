"""`homthu demo` says in one sentence what is wrong with a port."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from homthu import app
from tests.journeys.conftest import free_port


@pytest.mark.parametrize("option", ["--public-port", "--officer-port"])
@pytest.mark.parametrize("port", ["99999", "0", "-1", "x"])
def test_a_port_that_there_is_not_is_refused_without_a_traceback(option: str, port: str) -> None:
    result = CliRunner().invoke(app, ["demo", option, port])
    assert result.exit_code == 2
    assert option in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("part", ["public", "officer"])
def test_a_port_that_is_taken_is_told_with_what_chooses_another(tmp_path: Path, part: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ports = {"public": free_port(), "officer": free_port(), part: taken.getsockname()[1]}
        options = [word for name in ports for word in (f"--{name}-port", str(ports[name]))]
        done = subprocess.run(
            [sys.executable, "-m", "homthu", "demo", "--dir", str(tmp_path / "demo"), *options],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert f"port {ports[part]} is taken" in done.stderr
    assert f"--{part}-port " in done.stderr
    assert f"HOMTHU_DEMO_{part.upper()}_PORT=" in done.stderr
