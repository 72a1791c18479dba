"""Nothing acknowledged is lost: ``kill -9`` under load and at every named moment, then the books.

Afterwards the officers open everything: every code that a chat or a page was ever shown leads to
one whole tip with the right words and pictures, every tip's code has reached its owner, and nothing
is there twice.
"""

import os
import random

import pytest

from tests.promises.killing import grounds_of, kill_at_random, settle_and_check
from tests.promises.nursery import Nursery
from tests.promises.residents import ChatResident, WebResident
from tests.promises.town import Town
from tests.wards import Ward

pytestmark = pytest.mark.xdist_group("kills")

KILLS = 7
REPEATS = 0.15
CHAT = 5_550_001


def kill_and_check(
    ward: Ward, nursery: Nursery, mode: str, kills: int, seed: int
) -> tuple[int, int]:
    """Run a town through so many kills; return how many tips came of it and how many repeats."""
    with grounds_of(ward, nursery, mode, seed, REPEATS) as grounds:
        with Town(grounds.post, seed, grounds.base) as town:
            kill_at_random(grounds, random.Random(seed), kills)
            settle_and_check(grounds, town)
        return len(town.residents), grounds.post.repeated


@pytest.mark.parametrize("mode", ["webhook", "poll"])
def test_kills_at_random_points_under_load(ward: Ward, nursery: Nursery, mode: str) -> None:
    seed = int(os.environ.get("HOMTHU_SEED") or random.SystemRandom().randrange(10**6))
    print(f"HOMTHU_SEED={seed}")  # shown when it fails
    kill_and_check(ward, nursery, mode, KILLS, seed)


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("mode", ["webhook", "poll"])
def test_any_number_of_kills(ward: Ward, nursery: Nursery, mode: str) -> None:
    kills = int(os.environ.get("HOMTHU_SOAK_KILLS") or 100)
    seed = int(os.environ.get("HOMTHU_SEED") or random.SystemRandom().randrange(10**6))
    tips, repeats = kill_and_check(ward, nursery, mode, kills, seed)
    print(f"HOMTHU_SEED={seed}: {kills} kills, {tips} tips, {repeats} late repeats, nothing lost")


# --- the named moments of security.md 5.1 ---------------------------------------------------------


def a_mode(ward: Ward) -> str:
    """Return one mode for each kind of database; the random kills try all four pairs."""
    return "webhook" if ward.intake.database.kind == "sqlite" else "poll"


MOMENTS = (  # in the order in which one tip meets them
    "after a picture's commit",
    "in the tip's unit of work",
    "after the tip's commit",
    "before the receipt is sent",
    "after the receipt is sent",
    "after the wipe's commit",
    "after the deletion",
)


@pytest.mark.parametrize("mode", ["webhook", "poll"])
def test_one_tip_outlives_death_at_every_named_moment(
    ward: Ward, nursery: Nursery, mode: str
) -> None:
    with grounds_of(ward, nursery, mode, seed=3, repeats=1.0) as grounds:
        town = Town(grounds.post, 3, chats=0, pages=0)
        chat = ChatResident("M3x1z", random.Random(3), [0, 2], chat=CHAT, asks=False)
        with town.visited_by(chat):
            for moment in MOMENTS:
                grounds.birth(die_at=moment).wait_killed()
            settle_and_check(grounds, town)
        assert len(grounds.post.receipts[CHAT]) == 1


@pytest.mark.parametrize("at_once", [True, False])
def test_death_between_the_commit_and_the_page(ward: Ward, nursery: Nursery, at_once: bool) -> None:
    with grounds_of(ward, nursery, "webhook", seed=4) as grounds:
        town = Town(grounds.post, 4, chats=0, pages=0)
        for number, moment in enumerate(MOMENTS[1:3]):
            doomed = grounds.birth(die_at=moment).wait_ready()
            photos = [] if at_once else [0, 1]
            page = WebResident(
                f"M4x{number}z",
                random.Random(number),
                photos,
                bases=(grounds.base,),
                at_once=at_once,
            )
            with town.visited_by(page):
                doomed.wait_killed()
                life = grounds.birth()
                town.wait_all_done()
            life.kill()
        settle_and_check(grounds, town)


def test_receipts_that_telegram_did_not_take_are_told_at_last(ward: Ward, nursery: Nursery) -> None:
    with grounds_of(ward, nursery, a_mode(ward), seed=5) as grounds:
        town = Town(grounds.post, 5, chats=0, pages=0)
        grounds.post.troubles = ["502", "429", "429", "429", "hang"] * 4
        chats = [
            ChatResident(f"M5x{at}z", random.Random(at), chat=CHAT + at, asks=False, copies=False)
            for at in range(4)
        ]
        with town.visited_by(*chats):
            for times in (1, 6, 11):
                life = grounds.birth()
                grounds.until(lambda times=times: grounds.post.troubled >= times)
                life.kill()
            grounds.post.troubles.clear()
            life = grounds.birth()
            town.wait_all_done()
        grounds.until(lambda: grounds.words_of_drafts() == ["told"] * 4)
        life.kill()
        assert all(len(grounds.post.receipts[chat.chat]) == 1 for chat in chats)
        settle_and_check(grounds, town)


def test_a_planted_loss_is_found(ward: Ward, nursery: Nursery) -> None:
    with grounds_of(ward, nursery, "webhook", seed=6) as grounds:
        town = Town(grounds.post, 6, chats=0, pages=0)
        page = WebResident("M6x1z", random.Random(6), bases=(grounds.base,), at_once=True)
        grounds.birth(die_at="it answers without a commit")
        with town.visited_by(page):
            town.wait_all_done()
        with pytest.raises(AssertionError, match="LOST: M6x1z was told a code that leads nowhere"):
            settle_and_check(grounds, town)
