"""An erasure that is killed with SIGKILL leaves each tip as a whole or takes it as a whole."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from tests.intake.upkeep.test_retention import acts, closed, months_later
from tests.promises.erasers import Erasers, Task
from tests.wards import Ward

pytestmark = pytest.mark.xdist_group("kills")

TABLES = SQLModel.metadata.tables
TIPS = 3
STEPS = (3, 5, 6, 7, 9, 14)
"""How many writing statements each process is let: steps of one tip's erasure, and of the next."""


@pytest.fixture
def erasers() -> Iterator[Erasers]:
    made = Erasers()
    yield made
    made.end()


def standing(ward: Ward) -> dict[bytes, tuple[int, int]]:
    """Return how many parts and wraps each tip has; what belongs to no tip stands under b""."""
    tip, part, wrap = (TABLES[name] for name in ("tip", "part", "wrap"))
    with ward.intake.read() as view:
        found = view.connection
        tips = set(found.execute(select(tip.c.id)).scalars())
        of_part = {row.id: row.tip_id for row in found.execute(select(part.c.id, part.c.tip_id))}
        wraps = [of_part.get(each, b"") for each in found.execute(select(wrap.c.part_id)).scalars()]
    parts, wrapped = Counter(of_part.values()), Counter(wraps)
    return {each: (parts[each], wrapped[each]) for each in {*tips, *parts, *wrapped}}


def test_kills_at_every_step_leave_no_half_tip(
    ward: Ward, tmp_path: Path, erasers: Erasers
) -> None:
    tips = {closed(ward, f"việc {number}").id for number in range(TIPS)}
    whole = standing(ward)
    assert set(whole) == tips
    months_later(ward, 7)
    url = ward.intake.database.url.render_as_string(hide_password=False)
    killed, between = 0, False
    for number, step in enumerate((*STEPS, 10_000)):
        mark = str(tmp_path / f"{number}.stands")
        killed += erasers.live_and_die(
            Task(url, str(ward.settings.state_dir), ward.clock.now(), step, mark)
        )
        left = standing(ward)
        assert all(whole[tip] == had for tip, had in left.items()), "half a tip is left"
        gone = tips - set(left)
        between |= bool(left and gone)
        assert sorted(acts(ward, "tip.erase")) == sorted(tip.hex() for tip in gone)
    assert killed == len(STEPS)
    assert between, "no process died after it had erased something"
    assert standing(ward) == {}
