"""Every sentence that promises something is true of the configuration, or nothing starts.

Each false configuration is tried on the real ``homthu serve``: one line, exit 2. A promise that no
setting can break is kept by tests, and those are named here.
"""

import html
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from bot.promises import CONDITIONS
from bot.wording import Wording
from storage.database import Database
from tests.bot.telegram_server import TOKEN
from tests.clocks import FixedClock
from tests.running.house import House
from tests.running.people import Chat, Officer, Visitor, tell
from tests.wards import Template, open_ward

OpenHouse = Callable[..., House]
ROOT = Path(__file__).parents[2]
PROMISES, ENDS = "tests/promises/test_", "tests/bot/dialogue/test_ends.py::test_"
KEPT_BY = {
    "stores_no_address": f"{PROMISES}canary.py::test_nothing_telling_is_found_in_a_real_house",
    "logs_no_content": f"{PROMISES}canary.py::test_nothing_telling_is_found_in_a_real_house",
    "seals_on_arrival": f"{PROMISES}write_only_intake.py"
    "::test_nothing_that_it_holds_opens_anything_that_it_stored",
    "shows_exact_text": f"{PROMISES}promise_sentences.py"
    "::test_the_preview_shows_exactly_what_officers_read",
    "leaders_read_nothing": "tests/api/test_every_route.py"
    "::test_every_route_gives_each_person_what_is_theirs_and_no_more",
    "pictures_are_remade": "tests/intake/test_media.py::test_nothing_but_pixels_survives",
    "told_drafts_are_wiped": f"{ENDS}a_told_code_is_wiped_after_its_minutes_and_the_messages"
    "_with_it",
    "push_needs_address_only": "tests/bot/dialogue/test_later_steps.py"
    "::test_an_address_is_kept_only_on_request_and_only_for_the_relay",
    "equal_answers": f"{PROMISES}codes_at_every_door.py::test_all_of_them_take_the_same_path",
}
"""Conditions that no setting can change: the test that keeps each of them true."""


def test_every_promise_is_held_by_a_setting_or_by_a_test_that_exists() -> None:
    by_design = {name for name, held in CONDITIONS.items() if held.__name__ == "_by_design"}
    assert by_design == set(KEPT_BY)
    for name, test in KEPT_BY.items():
        path, _, function = test.partition("::")
        assert f"def {function}(" in (ROOT / path).read_text(), name
    promised = {each for conditions in Wording.load().promises.values() for each in conditions}
    assert promised <= set(CONDITIONS)


# --- what is false does not start -----------------------------------------------------------------


@dataclass
class Installation:
    """A furnished installation at rest, and what its operator has set."""

    given: dict[str, str]

    def serves(self, part: str = "bot", **changes: str) -> tuple[int, str]:
        """Run ``homthu serve`` until it ends or answers; return its exit code and its words."""
        port = free_port()
        own = {name: value for name, value in os.environ.items() if not name.startswith("HOMTHU_")}
        ports = {"public_port": str(port), "officer_port": str(port)}
        given = {f"HOMTHU_{key.upper()}": v for key, v in (self.given | ports | changes).items()}
        process = subprocess.Popen(
            [sys.executable, "-m", "homthu", "serve", part],
            env=own | given,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        with process:
            while process.poll() is None and not answers(port):
                time.sleep(0.05)
            process.terminate()
            said = process.stdout.read().decode() if process.stdout else ""
        return process.returncode, said


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).is_success
    except httpx.HTTPError:
        return False


def install(
    template: Template, folder: Path, database: Database, clock: FixedClock
) -> Installation:
    ward = open_ward(template, folder, database, clock)
    database.close()
    return Installation(
        {
            "state_dir": str(ward.settings.state_dir),
            "database_url": str(ward.settings.database_url),
            "demo": str(template.demo).lower(),
            "base_url": "https://tin.thu.invalid",
            "console_url": "https://ban.thu.invalid",
            "proxy_logs_off": "true",
        }
    )


@pytest.fixture
def real(
    furnished_real: Template, tmp_path: Path, sqlite_database: Database, clock: FixedClock
) -> Installation:
    """An honest installation."""
    return install(furnished_real, tmp_path, sqlite_database, clock)


@pytest.fixture
def trial(
    furnished: Template, tmp_path: Path, sqlite_database: Database, clock: FixedClock
) -> Installation:
    """A demo's."""
    return install(furnished, tmp_path, sqlite_database, clock)


def test_an_honest_installation_starts_and_ends_as_it_is_told(real: Installation) -> None:
    code, said = real.serves(named_tips="true", push_notices="true")
    assert code == 0, said


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"proxy_logs_off": "false"}, "an_danh.web .* no_network_address_logged"),
        ({"base_url": "http://tin.thu.invalid"}, "base_url phải là địa chỉ https"),
        ({"code_memory_kib": "1024"}, "cài đặt chưa đúng: code_memory_kib"),
        ({"demo": "true"}, "của bản thử chỉ dùng cho bản thử"),
        ({"telegram__mode": "webhook"}, "cần telegram.webhook_secret_file"),
    ],
)
def test_a_false_promise_or_an_unsafe_setting_stops_the_bot_with_one_line_and_exit_2(
    real: Installation, tmp_path: Path, changes: dict[str, str], names: str
) -> None:
    token = tmp_path / "token"
    token.write_text(TOKEN)
    telegram = {"telegram__token_file": str(token)} if "telegram__mode" in changes else {}
    code, said = real.serves(**telegram, **changes)
    assert code == 2, said
    (line,) = said.strip().splitlines()
    assert re.match(rf"homthu: .*{names}", line), line


@pytest.mark.parametrize("part", ["bot", "api", "reminders"])
def test_a_demos_key_list_stops_every_process_of_a_real_server(
    trial: Installation, part: str
) -> None:
    code, said = trial.serves(part, demo="false")
    assert (code, said.strip()) == (2, "homthu: danh sách khóa của bản thử chỉ dùng cho bản thử")


def test_a_demo_may_not_promise_that_custodians_hold_the_key(trial: Installation) -> None:
    code, said = trial.serves(named_tips="true")
    assert code == 2
    assert "xin_bao_ve" in said
    assert "identity_key_is_shared_out" in said


# --- the exact text -------------------------------------------------------------------------------


def test_the_preview_shows_exactly_what_officers_read(
    open_house: OpenHouse, quick_sqlite: Database
) -> None:
    house = open_house("real", quick_sqlite)
    what = 'Bán \u202ema\u202c  tuý <b>ở</b> quán & “chợ”\n\n\n\nmỗi tối 🌙, cô ấy nói: "đi"'
    visitor = Visitor(house)
    visitor.writes(what=what, where="  ngõ 12 ", when="Đã qua")
    shown = re.search(r'<div class="text">(.*?)</div>', visitor.page.source, re.DOTALL)
    assert shown
    visitor.presses("Gửi")
    chat = Chat(house, 7_391_845_026_173)
    tell(chat, what, more="**đậm** và _nghiêng_ {ten}")
    preview = chat.hears.replace("\u2060", "")  # unseen, between stars that must stay stars
    chat.taps("Gửi")
    officer = Officer(house, "phuong.binh", "ward")
    read = [officer.opens(row["id"])["messages"][0]["text"] for row in officer.queue()]
    by_page, by_chat = sorted(read, key=lambda text: "đậm" in text)
    assert html.unescape(shown[1]) == by_page
    assert f"\n\n{by_chat}\n\n" in preview
