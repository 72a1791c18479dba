"""From nothing to an open tip box: offline keys, `homthu init`, three processes, the signed list.

Everything that an administrator types is typed here into the real command; the officers' part goes
through the same services that the console calls.
"""

import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import httpx
import pytest
from pyotp.totp import TOTP

from api.services import Services, open_services
from intake.foundation import Foundation, lay
from intake.officers import Session
from intake.ports import SystemClock
from intake.settings import load_settings
from tests.journeys.conftest import free_port

pytestmark = pytest.mark.xdist_group("installation")


class House:
    """One installation folder and the commands typed in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "etc" / "homthu.toml"
        self.state = folder / "state"
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("HOMTHU_")
        }

    def types(self, *words: str, answers: str = "", code: int = 0) -> str:
        """Run `homthu …` and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "homthu", *words],
            input=answers,
            capture_output=True,
            text=True,
            env=self.environment,
            timeout=120,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr


ANSWERS = "\n".join(
    [
        "{custody}",
        "33",
        "tỉnh Thử",
        "Công an tỉnh Thử",
        "100; phường Một; Công an phường Một",
        "101; xã Hai; Công an xã Hai",
        "100; phường Một; trùng mã",
        "",
        "http://khong-duoc",
        "https://tin.thu.invalid",
        "https://ban.thu.invalid",
        "y",
        "0200 000 000",
        "",
        "quantri",
        "tinh.mot",
        "Một",
        "y",
        "",
    ]
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Offline keys made, `homthu init` answered."""
    made = House(tmp_path_factory.mktemp("house"))
    offline = made.folder / "offline"
    made.types("custody", "new", "--shares", "3-of-5", "--out", str(offline))
    answers = ANSWERS.format(custody=offline / "custody-public.json")
    said = made.types(
        "init", "--dir", str(made.folder / "etc"), "--state-dir", str(made.state), answers=answers
    )
    assert "Đã ghi" in said
    assert len(re.findall(r"https://ban\.thu\.invalid/thiet-lap/\S+", said)) == 2
    return made


@pytest.fixture
def foundation(house: House) -> Iterator[Foundation]:
    """The installation's ground, as the server's own commands lay it."""
    laid = lay(load_settings(house.config), EarlierAndLater())
    yield laid
    laid.close()


class EarlierAndLater(SystemClock):
    """The machine's clock, moved on for each second factor."""

    def __init__(self) -> None:
        self.moved = 0.0

    def now(self):
        from datetime import timedelta

        return super().now() + timedelta(seconds=self.moved)


def enrol_and_sign_in(foundation: Foundation, services: Services, token: str) -> Session:
    """Follow a one-time link to its end, then sign in."""
    shown = services.sign_ins.enrol_begin(token)
    totp = TOTP(shown.totp_secret)
    now = foundation.clock.now()
    officer = services.sign_ins.enrol_finish(token, shown.ticket, shown.passphrase, totp.at(now))
    foundation.clock.moved += 31  # type: ignore[attr-defined]
    digits = totp.at(foundation.clock.now())
    return services.sign_ins.sign_in(officer.login, shown.passphrase, digits).session


def test_key_files_are_their_owners_alone_and_nothing_is_overwritten(house: House) -> None:
    for path in (house.state / "keys").glob("*.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name
    for path in (house.folder / "offline").glob("*.txt"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name
    before = {path: path.read_bytes() for path in (house.state / "keys").iterdir()}
    house.types("init", "--dir", str(house.config.parent), "--state-dir", str(house.state), code=2)
    assert before == {path: path.read_bytes() for path in (house.state / "keys").iterdir()}


def test_a_missing_key_ends_the_start_with_one_line_and_exit_2(house: House) -> None:
    pepper = house.state / "keys" / "pepper.key"
    hidden = pepper.rename(pepper.with_suffix(".away"))
    try:
        said = house.types("serve", "api", "--config", str(house.config), code=2)
    finally:
        hidden.rename(pepper)
    assert said.strip() == "homthu: pepper.key thiếu hoặc không đọc được"


def test_a_start_before_anything_is_set_up_names_the_first_command(
    house: House, tmp_path: Path
) -> None:
    config = tmp_path / "homthu.toml"
    config.write_text(f'state_dir = "{tmp_path / "state"}"\n')
    said = house.types("serve", "bot", "--config", str(config), code=2)
    assert said.strip() == "homthu: chưa thiết lập máy: chạy homthu init"


@pytest.mark.parametrize("words", [("serve", "bot"), ("keys", "list")])
def test_a_database_that_does_not_answer_is_told_in_one_line_and_may_be_tried_again(
    house: House, tmp_path: Path, words: tuple[str, ...]
) -> None:
    config = tmp_path / "homthu.toml"
    lines = [
        "demo = true",
        f'state_dir = "{tmp_path}"',
        f'database_url = "postgresql+psycopg://a@/b?host={tmp_path}"',
        'base_url = "http://127.0.0.1:8090"',
        'console_url = "http://127.0.0.1:8091"',
    ]
    config.write_text("\n".join(lines))
    said = house.types(*words, "--config", str(config), code=1)
    assert len(said.strip().splitlines()) == 1
    assert said.startswith("homthu: cơ sở dữ liệu đang bận hoặc không mở được")


def test_areas_units_and_posters_are_added_by_hand_and_never_twice(house: House) -> None:
    there = ("--config", str(house.config))
    add = ("areas", "add", "100-3", "tổ dân phố số 3", "--level", "neighbourhood")
    house.types(*add, "--parent", "100", *there)
    assert "mã này đã có" in house.types(*add, "--parent", "100", *there, code=2)
    house.types(
        "areas", "add", "100-4", "tổ 4", "--level", "province", "--parent", "100", *there, code=2
    )
    listed = house.types("areas", "list", *there)
    assert "tổ dân phố số 3" in listed
    assert "Công an phường Một" in listed
    picture = house.folder / "qr.svg"
    said = house.types("posters", "add", "100-3", "--out", str(picture), *there)
    address = said.split()[0]
    assert address.startswith("https://tin.thu.invalid/q/")
    assert "<svg" in picture.read_text("utf-8")
    house.types("posters", "end", address.rsplit("/", 1)[1], *there)
    house.types("posters", "end", "khong-co", *there, code=2)
    house.types("posters", "add", "khong-co", *there, code=2)
    house.types(
        "units", "add", "x9", "Công an chín", "--area", "100", "--parent", "tinh", *there, code=2
    )


def test_a_rehearsal_or_demo_key_list_is_refused(house: House, foundation: Foundation) -> None:
    rehearsed = house.folder / "rehearsal"
    house.types("custody", "new", "--rehearsal", "--out", str(rehearsed))
    public = json.loads((rehearsed / "custody-public.json").read_text())
    assert public["rehearsal"] is True


def test_the_whole_way_to_an_open_box_and_three_minded_processes(
    house: House, foundation: Foundation
) -> None:
    doctor = ("doctor", "--config", str(house.config))
    assert "keys import" in house.types(*doctor, code=1)  # no key list yet: no tips, and it says so
    services = open_services(foundation, pause=lambda _: None)
    token = services.people.add_officer(None, "tinh", "tinh.hai", "Hai")
    top = enrol_and_sign_in(foundation, services, token)
    services.key_acts.found(top)
    asked = house.folder / "xin-ky.json"
    said = house.types("keys", "request", "--out", str(asked), "--config", str(house.config))
    fingerprint = said.rstrip()[-39:]
    offline = house.folder / "offline"
    shares = sorted(offline.glob("goc-*.txt"))[:2]
    signed = house.folder / "danh-sach.json"
    shown = house.types(
        "custody", "certify", str(asked), "--out", str(signed),
        "--public", str(offline / "custody-public.json"),
        *(word for share in shares for word in ("--share-file", str(share))), "--yes",
    )  # fmt: skip
    assert re.fullmatch(r"([0-9a-f]{4} ){7}[0-9a-f]{4}", fingerprint)
    assert fingerprint in shown
    house.types("keys", "import", str(signed), "--config", str(house.config))
    house.types("keys", "import", str(signed), "--config", str(house.config), code=2)
    foundation.key_list.forget()
    ward_token = services.people.add_officer(top, "x100", "phuong.mot", "Ba")
    ward = enrol_and_sign_in(foundation, services, ward_token)
    waiting = services.key_acts.pending.of(top)
    target = next(act.officer for act in waiting if act.officer)
    services.key_acts.hand_key(top, target.id, ward.officer.fingerprint or "")
    assert "Vân tay gốc" in house.types("keys", "list", "--config", str(house.config))
    assert "khớp" in house.types("audit", "verify", "--config", str(house.config))
    with Running(house) as running:
        code = running.send_tip()
        assert re.fullmatch(r"\d{24}", code)
        for part in ("bot", "api", "reminders"):
            running.kill_child(part)
        running.wait_ready()
        assert re.fullmatch(r"\d{24}", running.send_tip())
    later = foundation.clock.now().timestamp() + 3700
    foundation.clock.moved += later - foundation.clock.now().timestamp()  # type: ignore[attr-defined]
    assert len(services.triage.queue(ward).rows) == 2


class Running:
    """`homthu run` on free ports."""

    door = "readyz"

    def __init__(self, house: House) -> None:
        self.house = house
        self.public, self.officer = free_port(), free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        environment = self.house.environment | {
            "HOMTHU_PUBLIC_PORT": str(self.public),
            "HOMTHU_OFFICER_PORT": str(self.officer),
        }
        command = [sys.executable, "-m", "homthu", "run", "--config", str(self.house.config)]
        log = (self.house.folder / "run.log").open("ab")
        self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        log.close()
        self.wait_ready()
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process is not None
        children = self.children()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(20) == 0
        assert not any(Path(f"/proc/{pid}").exists() for pid in children.values())

    def wait_ready(self) -> None:
        """Wait until both doors say that they are ready."""
        for _ in range(300):
            assert self.process is not None
            assert self.process.poll() is None
            try:
                for port in (self.public, self.officer):
                    address = f"http://127.0.0.1:{port}/{self.door}"
                    httpx.get(address, trust_env=False).raise_for_status()
            except httpx.HTTPError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError("not ready in half a minute")

    def children(self) -> dict[str, int]:
        """Return the process numbers of the three parts."""
        assert self.process is not None
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        found: dict[str, int] = {}
        for pid in path.read_text().split():
            words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
            if "serve" in words:  # else it has been forked and not yet begun
                found[words[words.index("serve") + 1]] = int(pid)
        assert set(found) == {"bot", "api", "reminders"}
        return found

    def kill_child(self, part: str) -> None:
        """End one part without warning and wait until a new one stands in its place."""
        old = self.children()[part]
        os.kill(old, signal.SIGKILL)
        for _ in range(100):
            time.sleep(0.1)
            try:
                if self.children()[part] != old:
                    return
            except (AssertionError, OSError):
                continue
        raise AssertionError("the supervisor started nothing anew")

    def send_tip(self) -> str:
        """Fill the form as a browser without scripts does, and return the code."""
        base = f"http://127.0.0.1:{self.public}"
        with httpx.Client(base_url=base, trust_env=False) as client:
            token = _field(client.get("/gui-tin").text, "token")
            fields = {
                "token": token,
                "conflict": "no",
                "place": "phường Một",
                "what": "thử cài đặt",
                "go": "review",
            }
            review = client.post("/gui-tin", data=fields)
            choice = re.search(r'name="choice" value="([^"]+)"[^>]*>\s*Gửi', review.text)
            assert choice, review.text
            sent = client.post(
                "/gui-tin", data={"token": _field(review.text, "token"), "choice": choice[1]}
            )
        return "".join(re.findall(r"<li>(\d{4})</li>", sent.text))


def _field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, page
    return found[1]
