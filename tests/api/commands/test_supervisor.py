"""The supervisor: restart, stop, refuse; always with the right exit code."""

import asyncio
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from api.commands.supervisor import Supervisor

pytestmark = pytest.mark.anyio


def supervise(tmp_path: Path, children: dict[str, str]) -> subprocess.Popen[str]:
    """Start a supervisor over small Python programs; it prints `EXIT n` when it ends."""
    commands = {name: [sys.executable, "-c", code] for name, code in children.items()}
    program = textwrap.dedent(
        f"""
        from api.commands.supervisor import Supervisor
        print("EXIT", Supervisor({commands!r}, pause=0.1).run(), flush=True)
        """
    )
    return subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


COUNTS = "import pathlib,time; p=pathlib.Path({path!r}); p.open('a').write('x'); {after}"


async def test_a_child_that_ends_is_started_again(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    process = supervise(
        tmp_path, {"a": COUNTS.format(path=str(marks), after="raise SystemExit(1)")}
    )
    for _ in range(200):
        await asyncio.sleep(0.05)
        if marks.exists() and len(marks.read_text()) >= 3:
            break
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=20)
    assert "EXIT 0" in out
    assert len(marks.read_text()) >= 3


async def test_only_a_child_that_fails_again_and_again_waits_longer_each_time() -> None:
    supervisor = Supervisor({"a": []})
    pauses = [supervisor._pause_before("a", lasted=False) for _ in range(7)]
    assert pauses == [1, 2, 4, 8, 16, 30, 30]
    assert supervisor._pause_before("a", lasted=True) == 1


async def test_a_child_that_calls_itself_misconfigured_ends_everything(tmp_path: Path) -> None:
    process = supervise(
        tmp_path, {"good": "import time; time.sleep(60)", "bad": "raise SystemExit(2)"}
    )
    out, _ = process.communicate(timeout=30)
    assert "EXIT 2" in out


async def test_children_are_told_to_stop_and_one_that_will_not_is_ended(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    polite = COUNTS.format(path=str(ready), after="time.sleep(60)")
    process = supervise(tmp_path, {"polite": polite})
    for _ in range(200):
        await asyncio.sleep(0.05)
        if ready.exists():
            break
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert "EXIT 0" in out


async def test_a_refusal_that_all_children_share_is_said_once_and_all_else_passed_on(
    tmp_path: Path,
) -> None:
    says = "import sys; print('homthu: no key', 'own {}', sep='\\n', file=sys.stderr); {}"
    late = "import time; time.sleep(0.5); sys.exit(2)"  # so that each has spoken
    process = supervise(tmp_path, {name: says.format(name, late) for name in "abc"})
    out, said = process.communicate(timeout=30)
    assert "EXIT 2" in out
    assert said.count("homthu: no key\n") == 1
    assert {f"own {name}" for name in "abc"} <= set(said.splitlines())
