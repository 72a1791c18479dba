"""The README's commands run as printed, on a clean checkout in an empty folder.

`make test` is only looked up here (it would run this file again); CI runs it on its own clean
checkout as a part of `make check`.
"""

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from tests.databases import skip
from tests.journeys.conftest import free_port

HOUSE = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.xdist_group("readme")


def commands() -> list[str]:
    """Return what the README prints in code blocks."""
    text = (HOUSE / "README.md").read_text("utf-8")
    blocks = re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def test_the_readme_prints_two_commands_and_both_are_targets() -> None:
    assert commands() == ["make demo", "make test"]
    for command in commands():
        target = command.split()[1]
        done = subprocess.run(["make", "-n", target], cwd=HOUSE, capture_output=True, check=False)
        assert done.returncode == 0


def test_make_demo_runs_as_printed_on_a_clean_checkout(tmp_path: Path) -> None:
    if shutil.which("make") is None or shutil.which("git") is None:
        skip("make or git is not installed")
    if not (HOUSE / ".git").exists():
        skip("not a git checkout")
    checkout = tmp_path / "checkout"
    subprocess.run(["git", "clone", "-q", str(HOUSE), str(checkout)], check=True)
    ports = free_port(), free_port()
    environment = {n: v for n, v in os.environ.items() if not n.startswith(("HOMTHU_", "VIRTUAL"))}
    environment |= {
        "HOMTHU_DEMO_PUBLIC_PORT": str(ports[0]),
        "HOMTHU_DEMO_OFFICER_PORT": str(ports[1]),
    }
    log = (tmp_path / "log.txt").open("wb")
    process = subprocess.Popen(
        ["make", "demo"], cwd=checkout, env=environment, stdout=log, stderr=log,
        start_new_session=True,
    )  # fmt: skip
    log.close()
    try:
        wait_until_open(process, ports, tmp_path / "log.txt")
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(20)
    said = (tmp_path / "log.txt").read_text("utf-8")
    assert "phuong.binh" in said
    assert "/dien-thoai" in said
    changed = subprocess.run(
        ["git", "status", "--porcelain"], cwd=checkout, capture_output=True, text=True, check=True
    )
    assert changed.stdout == ""


def wait_until_open(process: subprocess.Popen[bytes], ports: tuple[int, int], log: Path) -> None:
    """Wait for both doors; installing takes most of the time."""
    for _ in range(2400):
        assert process.poll() is None, log.read_text("utf-8")
        try:
            for port in ports:
                address = f"http://127.0.0.1:{port}/readyz"
                httpx.get(address, trust_env=False).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the demo did not open within four minutes")
