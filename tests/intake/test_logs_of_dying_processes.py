"""What a process says while it dies: places, never values."""

import json
import subprocess
import sys
from pathlib import Path

from intake import logs

TIP = "Chị Mốc ở nhà bên cạnh bán cần sa"
CODE = "1234 5678 9012 3456 7890 1234"


def run_python(script: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", script, *arguments]
    root = Path(logs.__file__).parents[1]
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=root)


CRASH = f"""
import ctypes, sys
from intake import logs
logs.configure("DEBUG", open(sys.argv[1], "w"))
def step():
    typed = {TIP!r} + {CODE!r}
    ctypes.string_at(0)
step()
"""


def test_a_crash_of_the_interpreter_tells_places_and_no_values(tmp_path: Path) -> None:
    out = tmp_path / "log"
    done = run_python(CRASH, str(out))
    assert done.returncode != 0
    written = out.read_text() + done.stdout + done.stderr
    assert "in step" in written
    assert not any(mark in written for mark in (TIP, CODE, "Mốc"))


def test_a_process_that_dies_of_an_error_prints_no_message() -> None:
    script = f"from intake import logs\nlogs.configure()\nraise ValueError({TIP!r})"
    done = run_python(script)
    assert done.returncode == 1
    assert TIP not in done.stderr + done.stdout
    assert json.loads(done.stderr)["error"]["type"] == "ValueError"
