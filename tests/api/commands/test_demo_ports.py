"""`homthu demo` says in one sentence what is wrong with a port."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.commands.supervisor import Supervisor
from homthu import app
from intake.errors import Misconfigured
from tests.journeys.conftest import free_port


@pytest.mark.parametrize("option", ["--public-port", "--officer-port"])
@pytest.mark.parametrize("port", ["99999", "0", "-1", "x"])
def test_a_port_that_there_is_not_is_refused_without_a_traceback(option: str, port: str) -> None:
    result = CliRunner().invoke(app, ["demo", option, port])
    assert result.exit_code == 2
    assert option in result.output
    assert "Traceback" not in result.output


def test_one_port_for_both_doors_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    ports = ["--public-port", "8090", "--officer-port", "8090"]
    result = CliRunner().invoke(app, ["demo", "--dir", str(tmp_path / "demo"), *ports])
    assert result.exit_code == 2
    assert "--officer-port" in result.output
    assert not (tmp_path / "demo").exists()


def test_a_server_refuses_one_port_for_both_doors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Supervisor, "run", lambda _: 0)
    config = tmp_path / "homthu.toml"
    config.write_text("demo = true\npublic_port = 8090\nofficer_port = 8090\n")
    result = CliRunner().invoke(app, ["run", "--config", str(config)])
    assert isinstance(result.exception, Misconfigured)
    assert str(result.exception) == "public_port and officer_port must differ"


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
    assert f"cổng {ports[part]} đã có" in done.stderr
    assert f"--{part}-port " in done.stderr
    assert f"HOMTHU_DEMO_{part.upper()}_PORT=" in done.stderr
