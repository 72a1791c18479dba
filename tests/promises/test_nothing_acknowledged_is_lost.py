"""Nothing acknowledged is lost: ``kill -9`` under load, again and again, and then the books."""

import random
from collections.abc import Iterator

import pytest

from tests.promises.killing import grounds_of, kill_at_random
from tests.promises.nursery import Nursery
from tests.promises.town import Town
from tests.wards import Ward

pytestmark = pytest.mark.xdist_group("kills")


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    opened = Nursery()
    yield opened
    opened.close()


@pytest.mark.parametrize("mode", ["webhook", "poll"])
def test_kills_at_random_points_under_load(ward: Ward, nursery: Nursery, mode: str) -> None:
    kills, seed = 8, 11
    with grounds_of(ward, nursery, mode, seed, repeats=0.1) as grounds:
        with Town(grounds.post, grounds.base, seed) as town:
            kill_at_random(grounds, random.Random(seed), kills)
            life = grounds.birth()
            town.wait_all_done()
        life.kill()
        grounds.passes(minutes=45)
        grounds.birth()
        grounds.until(lambda: not grounds.rows("draft"), what="drafts stayed")
        books = grounds.books()
        books.check(town.residents, grounds.told(town.residents))
        print(len(town.residents), len(books.tips), "lost drafts", sum(c.lost_drafts for c in town.chats), "expired", sum(p.expired for p in town.pages), "repeated", grounds.post.repeated, [p.refused for p in town.pages if p.refused])
        print("left", [ (c.mark, [m.text[:30] for m in grounds.post.messages(c.chat)]) for c in town.chats if grounds.post.messages(c.chat)][:5])
        print("more after end", [ (c.mark, c.copies, c.shown_at_end, grounds.post.shown[c.chat]) for c in town.chats if grounds.post.shown[c.chat]!=c.shown_at_end])
