"""What names a reporter, and what they wrote, is found nowhere but where it must be read.

The whole service runs over HTTP while unique marks go through every flow and every failure. Then
everything is searched: files of the database, rows, logs at every level, temporary files, and every
answer to everybody who should not have seen it. Planted leaks prove that the search sees.
"""

import base64
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot import forms
from bot.acts import Acts
from bot.pages.front import Front
from intake import logs
from intake.drafts import TipDraft
from intake.media import PictureCleaner
from intake.text import fold
from intake.tips import PreparedTip, Tips
from storage.database import Database
from tests.databases import Cluster
from tests.promises.failures import Failures
from tests.promises.story import Story
from tests.running.evidence import TemporaryFiles, of_database, of_folder, of_house
from tests.running.house import House
from tests.running.marks import Evidence, Marks
from tests.running.trouble import crashing, vars_of

OpenHouse = Callable[..., House]


@pytest.fixture
def cluster(request: pytest.FixtureRequest, quick_database: Database) -> Cluster | None:
    """The PostgreSQL server under the database of this test, if it has one."""
    is_file = quick_database.kind == "sqlite"
    return None if is_file else request.getfixturevalue("postgres_cluster")


@pytest.fixture
def files(tmp_path: Path) -> Iterator[TemporaryFiles]:
    """An own folder for temporary files, and an eye on whoever writes a file."""
    with TemporaryFiles(tmp_path / "tmp").watched() as watching:
        yield watching


def test_nothing_telling_is_found_in_a_real_house(
    open_house: OpenHouse,
    quick_database: Database,
    cluster: Cluster | None,
    files: TemporaryFiles,
    capfd: pytest.CaptureFixture[str],
) -> None:
    house = open_house("real", quick_database)
    files.written.clear()
    story = Story(house, Marks([]))
    anh, binh, chi, dao = (story.chat(name) for name in ("Anh", "Bình", "Chi", "Đào"))
    mine = [f"chat {chat.chat}" for chat in (anh, binh, chi, dao)]
    story.a_tip_in(anh, mine[0])
    while_writing = search(story, of_database(quick_database))
    code = story.push_and_copy(anh, mine[0])
    story.a_named_tip(binh, mine[1])
    story.drafts_that_are_dropped(chi, mine[2])
    story.a_group()
    tell_the_rest(story)
    story.an_answer_is_read(dao, code)
    failures = Failures(story)
    failures.broken_updates_come_in()
    failures.a_chat_meets_faults(chi, mine[2])
    break_the_rest(failures)
    said = operators_look(house)
    check(story, files, [*while_writing, *search(story, said)], capfd, cluster)


def test_nothing_telling_is_found_in_a_demo(
    open_house: OpenHouse,
    quick_database: Database,
    cluster: Cluster | None,
    files: TemporaryFiles,
    capfd: pytest.CaptureFixture[str],
) -> None:
    house = open_house("demo", quick_database)
    files.written.clear()
    story = Story(house, Marks([]))
    phone, other, chat = story.handset(), story.handset(), story.chat("Giang")
    story.a_tip_in(phone, "phone")
    while_writing = search(story, of_database(quick_database))
    code = story.push_and_copy(phone, "phone")
    story.a_tip_in(chat, f"chat {chat.chat}")
    story.push_and_copy(chat, f"chat {chat.chat}")
    story.drafts_that_are_dropped(other, "phone")
    tell_the_rest(story)
    story.marks.share("an addition in a chat", "phone")
    story.an_answer_is_read(other, code)
    for name in ("an addition in a chat", "words cut from an addition"):
        story.marks.share(name, "phone")  # the phone's page shows what its owner typed
    failures = Failures(story)
    failures.a_chat_meets_faults(other, "phone")
    failures.a_chat_meets_faults(chat, f"chat {chat.chat}")
    break_the_rest(failures)
    check(story, files, while_writing, capfd, cluster)


def tell_the_rest(story: Story) -> None:
    """What happens in every house."""
    code = story.a_tip_on_the_page()
    story.a_tip_about_an_officer()
    story.tips_that_are_not_sent()
    story.codes_that_are_wrong()
    story.the_desk_works()
    story.an_addition_on_the_page(code)
    story.a_newcomer_gets_the_key()
    story.others_look_around()
    story.machines_look()


def break_the_rest(failures: Failures) -> None:
    """What goes wrong in every house."""
    failures.junk_comes_in()
    failures.pictures_break()
    failures.codes_come_in_floods()
    failures.strangers_sign_in()
    failures.the_database_fails()
    failures.the_code_has_faults()


def operators_look(house: House) -> list[Evidence]:
    """Have the operator's commands say what they say about this house."""
    settings = house.settings
    given = {
        "HOMTHU_STATE_DIR": str(settings.state_dir),
        "HOMTHU_DATABASE_URL": str(settings.database_url),
        "HOMTHU_BASE_URL": settings.base_url,
        "HOMTHU_CONSOLE_URL": settings.console_url,
    }
    said: list[Evidence] = []
    for words in (("audit", "verify"), ("doctor",), ("keys", "list")):
        command = [sys.executable, "-m", "homthu", *words]
        done = subprocess.run(command, capture_output=True, env=os.environ | given, check=False)
        said.append(Evidence(f"homthu {' '.join(words)}", done.stdout + done.stderr))
    return said


def search(story: Story, evidence: Any) -> list[str]:
    return story.marks.found_in(evidence)


def check(
    story: Story,
    files: TemporaryFiles,
    found: list[str],
    capfd: pytest.CaptureFixture[str],
    cluster: Cluster | None,
) -> None:
    """Search everything before the night and after it."""
    house, database = story.house, story.house.ward.intake.database
    assert len(story.codes) >= 4
    assert len(story.marks.known) > 80
    found += search(story, of_database(database))
    story.the_night_comes()
    story.machines_look()
    found += search(story, of_database(database, cluster, house.began))
    found += search(story, of_house(house))
    found += search(story, of_folder(house.settings.state_dir, but=house.settings.keys))
    found += search(story, of_folder(files.folder))
    said = capfd.readouterr()
    found += search(story, [Evidence("standard output", (said.out + said.err).encode())])
    assert found == []
    assert files.strange() == []


# --- the search sees ------------------------------------------------------------------------------


def a_line_in_the_log(patch: pytest.MonkeyPatch) -> None:
    """A helpful line in a step of ours."""
    think = Acts.think

    async def told(self: Acts, row: Any, heard: Any, world: Any) -> Any:
        logging.getLogger("bot.acts").info(f"heard {vars_of(heard)}")  # noqa: G004
        return await think(self, row, heard, world)

    patch.setattr(Acts, "think", told)


def an_error_with_its_message(patch: pytest.MonkeyPatch) -> None:
    """A log that prints what an error says."""
    summary = logs.error_summary

    def told(error: BaseException, room: int = 4) -> dict[str, object]:
        return summary(error, room) | {"message": str(error)}

    patch.setattr(logs, "error_summary", told)


def a_library_that_may_speak(patch: pytest.MonkeyPatch) -> None:
    """A logger of somebody else whose sentences pass as they are."""
    patch.setattr(logs, "OUR_LOGGERS", logs.OUR_LOGGERS | {"multipart"})
    read = forms._multipart

    def told(body: bytes, *more: Any) -> Any:
        logging.getLogger("multipart.parser").debug(body.decode("utf-8", "replace"))
        return read(body, *more)

    patch.setattr(forms, "_multipart", told)


def in_a_column(shape: Callable[[str], str]) -> Callable[[pytest.MonkeyPatch], None]:
    def leak(patch: pytest.MonkeyPatch) -> None:
        """The words of a tip once more, beside what is sealed."""
        prepare, add, words = Tips.prepare, PreparedTip.add, list[str]()

        def heard(self: Tips, draft: TipDraft) -> PreparedTip:
            words.append(shape(draft.what))
            return prepare(self, draft)

        def kept(self: PreparedTip, tx: Any) -> None:
            add(self, tx)
            tx.keys.set_fact("the last tip", words[-1])

        patch.setattr(Tips, "prepare", heard)
        patch.setattr(PreparedTip, "add", kept)

    return leak


def a_temporary_file(patch: pytest.MonkeyPatch) -> None:
    """An upload that takes a rest on the disk, in a file without a name."""
    take = PictureCleaner.clean

    async def told(self: PictureCleaner, data: bytes) -> bytes:
        with tempfile.TemporaryFile() as file:
            file.write(data)
        return await take(self, data)

    patch.setattr(PictureCleaner, "clean", told)


def a_temporary_file_that_stays(patch: pytest.MonkeyPatch) -> None:
    """An upload that nobody takes away."""
    take = PictureCleaner.clean

    async def told(self: PictureCleaner, data: bytes) -> bytes:
        with tempfile.NamedTemporaryFile(delete=False) as file:
            file.write(data)
        return await take(self, data)

    patch.setattr(PictureCleaner, "clean", told)


def a_page_that_repeats(patch: pytest.MonkeyPatch) -> None:
    """A refusal that says what was asked for."""
    problem = Front.problem

    def told(self: Front, language: str, status: int) -> Any:
        shown = problem(self, language, status)
        return shown._replace(body=shown.body + asked[-1].encode())

    asked: list[str] = [""]
    language = Front.language

    def noted(self: Front, request: Any) -> str:
        asked.append(str(request.url))
        return language(self, request)

    patch.setattr(Front, "language", noted)
    patch.setattr(Front, "problem", told)


def in_base64(text: str) -> str:
    return base64.b64encode(b"." + text.encode()).decode()


LEAKS = {
    "a line in the log": (a_line_in_the_log, "in the log"),
    "an error with its message": (an_error_with_its_message, "in the log"),
    "a library that may speak": (a_library_that_may_speak, "in the log"),
    "a plain column": (in_a_column(str), "in rows"),
    "a column in base64": (in_a_column(in_base64), "in rows"),
    "a column without tone marks": (in_a_column(fold), "in homthu.db"),
    "a temporary file": (a_temporary_file, "tmp"),
    "a temporary file that stays": (a_temporary_file_that_stays, "in the file tmp"),
    "a page that repeats": (a_page_that_repeats, "in an answer to sender of junk"),
}


@pytest.mark.parametrize("planted", LEAKS)
def test_a_planted_leak_is_found(
    open_house: OpenHouse,
    sqlite_database: Database,
    files: TemporaryFiles,
    monkeypatch: pytest.MonkeyPatch,
    planted: str,
) -> None:
    leak, where = LEAKS[planted]
    house = open_house("demo", sqlite_database, telegram=False)
    files.written.clear()
    story = Story(house, Marks([]))
    found = a_short_story(story, files)
    assert found == []
    leak(monkeypatch)
    found = a_short_story(story, files)
    assert any(where in each for each in found), found


def a_short_story(story: Story, files: TemporaryFiles) -> list[str]:
    """One tip, one fault, some junk; return what is found of them."""
    story.a_tip_on_the_page()
    visitor = story.visitor()
    visitor.visits("/gui-tin")
    crash = f"lỗi {story.marks.word('words in a crash')}"
    with crashing("bot.pages.screens.Screens.tip"):
        visitor.presses("Xem lại", conflict="no", place="phường Hoa Mẫu", what=crash)
    mark = story.marks.ascii("junk")
    story.house.caller("sender of junk").get(f"/{mark}", params={"q": mark})
    database = story.house.ward.intake.database
    evidence = (*of_database(database), *of_house(story.house), *of_folder(files.folder))
    return [*search(story, evidence), *files.strange()]
