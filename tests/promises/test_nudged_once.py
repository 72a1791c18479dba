"""Two replicas that are killed at random send no rung twice and lose none that is still wanted.

They are real processes over one database. What was begun when one of them died counts as sent: that
is the price, and it is counted here.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from intake.ports import VIETNAM
from reminders.sending_desk import IN_FLIGHT
from storage.database import Database
from tests.clocks import FixedClock
from tests.intake.work_side import WARD
from tests.promises.nudgers import HANDS, Nudgers, Task
from tests.reminders.nudge_rig import Rig, a_rig

pytestmark = pytest.mark.xdist_group("kills")

PEOPLE = 40
ROUNDS = 3
T7, T3 = date(2026, 3, 24), date(2026, 3, 27)
BETWEEN = timedelta(minutes=12)  # longer than any lease
ON_ITS_WAY = {"waiting", "claimed", "sending"}


@pytest.fixture
def nudgers() -> Iterator[Nudgers]:
    made = Nudgers()
    yield made
    made.end()


class Street:
    """A ward, its processes, and the lines that its platform wrote."""

    def __init__(self, rig: Rig, nudgers: Nudgers, folder: Path) -> None:
        self.rig = rig
        self._nudgers = nudgers
        self._folder = folder
        self._post = folder / "post"
        self._post.touch()
        self.at = datetime(2026, 3, 24, 8, tzinfo=VIETNAM)
        self.kills = 0

    def birth(self, seed: int) -> object:
        url = self.rig.town.intake.database.url.render_as_string(hide_password=False)
        return self._nudgers.birth(Task(url, str(self._folder), str(self._post), self.at, seed))

    def kill(self, child: object) -> None:
        self._nudgers.kill(child)  # type: ignore[arg-type]
        self.kills += 1

    def lines(self) -> list[str]:
        return self._post.read_text().splitlines()

    def until_still(self, seconds: float = 60) -> None:
        """Wait until everything planned for the day has come to an end."""
        end = time.monotonic() + seconds
        while True:
            rows = self.rig.rows(self.at.date())
            if len(rows) == PEOPLE and not ON_ITS_WAY & {row.state for row in rows}:
                return
            assert time.monotonic() < end, Counter(row.state for row in rows)
            time.sleep(0.05)


def test_kills_at_random_points(
    database: Database, clock: FixedClock, tmp_path: Path, nudgers: Nudgers
) -> None:
    seed = int(os.environ.get("HOMTHU_SEED") or random.SystemRandom().randrange(10**6))
    print(f"HOMTHU_SEED={seed}")  # shown when it fails
    rng = random.Random(seed)
    rig = a_rig(database, clock, tmp_path, PEOPLE)
    rig.open(date(2026, 3, 2))
    street = Street(rig, nudgers, tmp_path)
    for _ in range(ROUNDS):
        pair = [street.birth(rng.randrange(10**6)) for _ in range(2)]
        reached = len(street.lines()) + rng.randrange(PEOPLE // ROUNDS)
        end = time.monotonic() + 20
        while len(street.lines()) < reached and time.monotonic() < end:
            time.sleep(0.01)
        for child in pair:
            time.sleep(rng.uniform(0, 0.1))
            street.kill(child)
        street.at += BETWEEN
    last = street.birth(seed)
    street.until_still()
    street.kill(last)
    check(street, T7, "-7", street.kills)

    street.at = datetime(2026, 3, 27, 9, tzinfo=VIETNAM)
    last = street.birth(seed)
    street.until_still()
    street.kill(last)
    check(street, T3, "-3", 0)


def check(street: Street, day: date, rung: str, kills: int) -> None:
    """Everybody's message left once, or had begun to leave when a process died."""
    heard = Counter(line.partition(" ")[0] for line in street.lines() if f" {day} " in line)
    assert {line.rpartition(" ")[2] for line in street.lines() if f" {day} " in line} <= {rung}
    twice = [who for who, times in heard.items() if times > 1]
    assert not twice, "somebody heard the same twice"
    rows = street.rig.rows(day)
    assert {row.state for row in rows} == {"sent"}
    unknown = {row.address for row in rows if row.reason == "unknown"}
    everybody = {f"{WARD}-{number:02}" for number in range(1, PEOPLE + 1)}
    assert everybody - heard.keys() <= unknown, "a message was lost that nobody had begun"
    assert len(unknown) <= kills * IN_FLIGHT
    assert len(everybody - heard.keys()) <= kills * HANDS, "more was lost than was being sent"
    with street.rig.town.intake.read() as view:
        rungs = view.nudges.rungs_of([row.id for row in rows])
    assert len(rungs) == 2 * PEOPLE
    assert {each.rung for each in rungs} == {rung}
