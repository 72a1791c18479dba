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

from storage.database import Database
from tests.databases import Cluster
from tests.promises.failures import Failures
from tests.promises.story import Story
from tests.running.evidence import TemporaryFiles, of_database, of_folder, of_house
from tests.running.house import House
from tests.running.marks import Evidence, Marks

OpenHouse = Callable[..., House]


@pytest.fixture
def cluster(request: pytest.FixtureRequest, quick_database: Database) -> Cluster | None:
    """The PostgreSQL server under the database of this test, if it has one."""
    is_file = quick_database.kind == "sqlite"
    return None if is_file else request.getfixturevalue("postgres_cluster")


@pytest.fixture
def files(tmp_path: Path) -> Iterator[TemporaryFiles]:
    """An own folder for temporary files, and an eye on whoever writes a file."""
    with TemporaryFiles(tmp_path / "tmp", tmp_path).watched() as watching:
        yield watching


def test_nothing_telling_is_found_in_a_real_house(
    open_house: OpenHouse,
    quick_database: Database,
    cluster: Cluster | None,
    files: TemporaryFiles,
    capfd: pytest.CaptureFixture[str],
) -> None:
    house = open_house("real", quick_database)
    story = Story(house, Marks([]))
    anh, binh, chi, dao = (story.chat(name) for name in ("Anh", "Bình", "Chi", "Đào"))
    mine = [f"chat {chat.chat}" for chat in (anh, binh, chi, dao)]
    story.a_tip_in(anh, mine[0])
    while_writing = search(story, of_database(quick_database, cluster))
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
    story = Story(house, Marks([]))
    phone, other, chat = story.handset(), story.handset(), story.chat("Giang")
    story.a_tip_in(phone, "phone")
    while_writing = search(story, of_database(quick_database, cluster))
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
    found += search(story, of_database(database, cluster))
    story.the_night_comes()
    story.machines_look()
    found += search(story, of_database(database, cluster))
    found += search(story, of_house(house))
    found += search(story, of_folder(house.settings.state_dir, but=house.settings.keys))
    found += search(story, files.evidence())
    said = capfd.readouterr()
    found += search(story, [Evidence("standard output", (said.out + said.err).encode())])
    assert found == []
    assert files.strange() == []
