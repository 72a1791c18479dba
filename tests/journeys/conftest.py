"""A running demo and a real browser, for whole stories."""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from pyotp.totp import TOTP

from tests.databases import skip

_FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@dataclass
class Demo:
    """Where the running demo is, and how to sign in."""

    public: str
    console: str
    folder: Path
    log: Path
    used: set[tuple[str, int]]

    def sign_in_of(self, login: str) -> tuple[str, str]:
        """Return the passphrase and an unused six-digit code, waiting for the next if need be."""
        kept = json.loads((self.folder / "sign-ins.json").read_text("utf-8"))
        _, _, passphrase, secret = next(one for one in kept if one[0] == login)
        last = max((step for who, step in self.used if who == login), default=0)
        # The service takes the one before, too; not for long, where its own time is nearly over.
        step = max(int(time.time() + 15) // 30 - 1, last + 1)
        while step > int(time.time()) // 30 + 1:
            time.sleep(0.5)
        self.used.add((login, step))
        return passphrase, TOTP(secret).generate_otp(step)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """`homthu demo`, started as a newcomer would, on free ports."""
    folder = tmp_path_factory.mktemp("demo")
    public, officer = free_port(), free_port()
    log = folder / "log.txt"
    command = [sys.executable, "-m", "homthu", "demo", "--dir", str(folder / "demo")]
    ports = ["--public-port", str(public), "--officer-port", str(officer)]
    with log.open("wb") as out:
        process = subprocess.Popen([*command, *ports], stdout=out, stderr=out)
        running = Demo(
            f"http://127.0.0.1:{public}",
            f"http://127.0.0.1:{officer}",
            folder / "demo",
            log,
            set(),
        )
        try:
            wait_until_ready(process, running)
            yield running
        finally:
            process.terminate()
            assert process.wait(15) == 0


def wait_until_ready(process: subprocess.Popen[bytes], running: Demo) -> None:
    """Wait for both doors; fail with the log when the process ends first."""
    for _ in range(300):
        assert process.poll() is None, running.log.read_text()
        try:
            for door in (running.public, running.console):
                httpx.get(f"{door}/readyz", trust_env=False).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the demo was not ready in half a minute")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium of this machine; a visible skip without it."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        skip("Chromium is not installed")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def shot(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """Save a screenshot under a name; HOMTHU_SCREENSHOTS chooses the folder."""
    import os

    folder = Path(os.environ.get("HOMTHU_SCREENSHOTS") or tmp_path_factory.mktemp("shots"))
    folder.mkdir(parents=True, exist_ok=True)

    def save(page: Page, name: str, *, whole: bool = False) -> None:
        page.wait_for_timeout(500)  # bubbles fade in
        page.screenshot(path=str(folder / f"{name}.png"), full_page=whole)

    return save
