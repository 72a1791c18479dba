"""Two bot processes over one box: one tip for each resident, one leader for each job.

They share the database, the session key and the webhook; Telegram, or the proxy in front of them,
may bring one update to both at the same moment. What keeps order is the row's version
alone. A sentence that one is still sending when the other wipes the chat may arrive late (it is
deleted again: `bot.sent_messages`), so these stories do not ask for silence after the end.
"""

import asyncio
import json
import random
import time
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import col, select

from bot.channels.telegram_webhook import PATH, SECRET_HEADER
from storage.tables import Lease
from tests.bot.telegram_shapes import Hook
from tests.journeys.conftest import free_port
from tests.promises.killing import Grounds, grounds_of, settle_and_check
from tests.promises.nursery import Life, Nursery
from tests.promises.post_office import PostOffice
from tests.promises.town import Town
from tests.wards import Ward

pytestmark = pytest.mark.xdist_group("kills")


class TwoDoors(PostOffice):
    """Posts each update to two processes at once; one that takes it is enough."""

    ports: tuple[int, ...] = ()

    async def _post(self, client: httpx.AsyncClient, hook: Hook, update: dict[str, Any]) -> None:
        doors = [Hook(f"http://127.0.0.1:{port}{PATH}", hook.secret) for port in self.ports]
        head = {SECRET_HEADER: hook.secret or ""}
        posts = (client.post(door.url, json=update, headers=head) for door in doors)
        answers = await asyncio.gather(*posts, return_exceptions=True)
        taken = [each for each in answers if isinstance(each, httpx.Response) and each.is_success]
        with self._lock:
            if taken:
                self._state.updates.pop(update["update_id"], None)
        if not taken:
            await asyncio.sleep(self._redeliver_seconds)
        with self._lock:
            self._state.in_flight.discard(update["update_id"])
        self._notify()


def twins(grounds: Grounds, **changes: Any) -> tuple[Life, Life]:
    """Start two processes side by side; the second has a port of its own."""
    first = grounds.birth(**changes)
    second = grounds.birth(beside=True, port=free_port(), **changes)
    return first.wait_ready(), second.wait_ready()


def test_updates_that_reach_both_at_once_make_one_tip(ward: Ward, nursery: Nursery) -> None:
    with grounds_of(ward, nursery, "webhook", seed=21, office=TwoDoors) as grounds:
        first, second = twins(grounds)
        grounds.post.ports = (first.port, second.port)  # type: ignore[attr-defined]
        bases = [f"http://127.0.0.1:{life.port}" for life in (first, second)]
        with Town(grounds.post, 21, *bases, chats=3, pages=3) as town:
            grounds.until(lambda: len(town.residents) > 12, 120)
            town.wait_all_done()
        settle_and_check(grounds, town, quiet=False)


def test_one_of_two_may_die_at_any_moment(ward: Ward, nursery: Nursery) -> None:
    rng = random.Random(22)
    with grounds_of(ward, nursery, "webhook", seed=22, office=TwoDoors) as grounds:
        pair = list(twins(grounds))
        grounds.post.ports = tuple(life.port for life in pair)  # type: ignore[attr-defined]
        bases = [f"http://127.0.0.1:{life.port}" for life in pair]
        with Town(grounds.post, 22, *bases, chats=4, pages=3) as town:
            for _ in range(4):
                time.sleep(rng.uniform(0.1, 0.8))
                victim = rng.randrange(2)
                pair[victim].kill()
                port = pair[victim].port
                pair[victim] = grounds.birth(beside=True, port=port).wait_ready()
            settle_and_check(grounds, town, quiet=False)


def test_one_of_two_turns_the_session_key_once_a_day(ward: Ward, nursery: Nursery) -> None:
    path = ward.settings.key_file("session.key")
    with grounds_of(ward, nursery, "webhook", seed=23) as grounds:
        for _ in range(2):
            before = slots(path)
            grounds.passes(hours=24.5)
            pair = twins(grounds, sweep_every=0.05)
            grounds.until(lambda before=before: slots(path) != before)
            after = slots(path)
            assert after[1] == before[0]
            led = lease_end(grounds)
            grounds.until(lambda led=led: lease_end(grounds) > led + timedelta(seconds=1))
            assert slots(path) == after
            pair[0].kill()
            pair[1].kill()


@pytest.mark.parametrize("moment", ["written", "in place"])
def test_a_key_that_is_turned_while_its_process_dies_is_whole_and_leaves_nothing(
    ward: Ward, nursery: Nursery, moment: str
) -> None:
    path = ward.settings.key_file("session.key")
    before = slots(path)
    with grounds_of(ward, nursery, "webhook", seed=24) as grounds:
        grounds.passes(hours=24.5)
        grounds.birth(die_at=f"a new session key is {moment}").wait_killed()
        turned = slots(path)
        assert turned == before or turned[1] == before[0]
        grounds.passes(hours=0.1 if turned == before else 24.5)
        life = grounds.birth()
        grounds.until(lambda: slots(path) != turned)
        life.kill()
    assert slots(path)[1] == turned[0]
    assert [each.name for each in path.parent.glob(".session.key*")] == []


def test_one_of_two_asks_for_updates_and_the_other_follows(ward: Ward, nursery: Nursery) -> None:
    quick = {"poll_seconds": 1, "lead_seconds": 5.0}
    with grounds_of(ward, nursery, "poll", seed=25) as grounds:
        pair = {life.port: life for life in twins(grounds, **quick)}
        with Town(grounds.post, 25, chats=4, pages=0) as town:
            grounds.until(lambda: len(town.residents) > 8, 120)
            leader = pair.pop(leading_port(grounds))
            leader.kill()
            alone = next(iter(pair.values()))
            asked = questions(grounds)
            again = grounds.birth(beside=True, port=leader.port, **quick).wait_ready()
            grounds.until(lambda: questions(grounds) > asked, 4)  # in its place: at once
            assert leading_port(grounds) == leader.port
            again.kill()
            grounds.until(lambda: leading_port(grounds) == alone.port)
            assert grounds.post.conflicts == 0
            settle_and_check(grounds, town, quiet=False)


# --- seen from outside ----------------------------------------------------------------------------


def slots(path: Any) -> list[str]:
    """Return the two session keys as they stand in the file."""
    while True:
        try:
            return [key for key, _ in json.loads(path.read_bytes())]
        except ValueError:  # it was being wiped: look again
            continue


def leading_port(grounds: Grounds) -> int:
    """Return the port of the process that asks for updates; 0 when nobody has begun."""
    with grounds.ward.intake.read() as view:
        found = view.connection.exec_driver_sql("SELECT holder FROM lease WHERE name = 'telegram'")
        holder = found.scalar()
    return int(holder.rpartition(":")[2]) if holder else 0


def lease_end(grounds: Grounds) -> datetime:
    """Return until when the minute job is led: it moves on with every minute's work."""
    with grounds.ward.intake.read() as view:
        return view.connection.execute(
            select(Lease.until).where(col(Lease.name) == "dialogue")
        ).scalar_one()


def questions(grounds: Grounds) -> int:
    """Return how often Telegram was asked for updates."""
    return len(grounds.post.calls_of("getUpdates"))
