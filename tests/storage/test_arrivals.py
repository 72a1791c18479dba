"""What a message meets: the dialogue, a grave, a leader's chat, all in one look."""

from collections.abc import Callable
from typing import Any

import pytest

from storage.arrivals import NOWHERE, Arrival, ChatPlace, Met
from storage.database import Database
from storage.drafts import DraftRow
from storage.errors import Stale
from storage.leaders import ChatRow, LeaderRow
from storage.unit_of_work import Tx
from storage.work_dialogues import DialogueRow
from tests.clocks import START

Work = Callable[[Tx], Any]
KEYS = (b"c" * 32, b"p" * 32)  # the chat's names under the current key and the one before


def meet(database: Database, *marks: bytes, address: str = "7") -> Met:
    with database.glance() as view:
        return view.arrivals.meet(Arrival(KEYS, marks, "telegram", address))


def test_where_nothing_is_kept_nothing_is_met(database: Database) -> None:
    assert meet(database, b"message") == Met(None, is_buried=False, at=NOWHERE)


@pytest.mark.parametrize("key", KEYS, ids=["current", "before"])
def test_the_draft_and_the_grave_are_found_in_one_look(database: Database, key: bytes) -> None:
    def work(tx: Tx) -> None:
        tx.drafts.put(DraftRow(key, 0, "open", b"words", START), None)
        tx.drafts.bury([b"tap"], START)

    database.writer.submit(work).result(30)
    found, is_buried, at = meet(database, b"message", b"older", b"tap", b"x")
    assert found is not None
    assert (found.row_key, found.sealed, found.expires_at) == (key, b"words", START)
    assert is_buried
    assert at == NOWHERE
    assert not meet(database, b"message").is_buried


def test_the_draft_under_the_current_key_goes_first(database: Database) -> None:
    def work(tx: Tx) -> None:
        for key in reversed(KEYS):
            tx.drafts.put(DraftRow(key, 0, "open", b"words", START), None)

    database.writer.submit(work).result(30)
    draft = meet(database).draft
    assert draft is not None
    assert draft.row_key == KEYS[0]


def test_whose_chat_it_is_is_found_with_the_dialogue(database: Database) -> None:
    lan = LeaderRow(b"l" * 16, "Lan", "chị", "vi", None, START.date(), None)
    talk = DialogueRow("telegram", "7", 1, "{}", START, START)

    def work(tx: Tx) -> None:
        tx.leaders.add(lan)
        tx.leaders.add_chat(ChatRow("telegram", "7", lan.id, START))
        tx.work_dialogues.put(talk, None)
        tx.drafts.put(DraftRow(KEYS[1], 0, "open", b"words", START), None)

    database.writer.submit(work).result(30)
    met = meet(database)
    assert met.at == ChatPlace(lan, is_blocked=False, dialogue=talk)
    assert met.draft is not None
    assert meet(database, address="8").at == NOWHERE
    with database.glance() as view:
        assert view.arrivals.place("telegram", "7") == met.at


def test_an_invited_chat_has_a_conversation_and_no_leader(database: Database) -> None:
    talk = DialogueRow("telegram", "7", 1, "{}", START, START)
    database.writer.submit(lambda tx: tx.work_dialogues.put(talk, None)).result(30)
    assert meet(database).at == ChatPlace(None, is_blocked=False, dialogue=talk)


def test_more_keys_than_there_can_be_are_refused(database: Database) -> None:
    with database.glance() as view, pytest.raises(ValueError, match="more keys"):
        view.arrivals.meet(Arrival((*KEYS, b"third"), (), "telegram", "7"))


# --- a draft that was not looked at before it is written ------------------------------------------

LAN = LeaderRow(b"l" * 16, "Lan", "chị", "vi", None, START.date(), None)
MEETS: dict[str, Work] = {
    "a grave": lambda tx: tx.drafts.bury([b"tap"], START),
    "a leader": lambda tx: tx.leaders.add_chat(ChatRow("telegram", "7", LAN.id, START)),
    "an invite": lambda tx: tx.work_dialogues.put(
        DialogueRow("telegram", "7", 1, "{}", START, START), None
    ),
    "a later version": lambda tx: tx.drafts.put(draft(b"theirs"), version(tx)),
    "nothing": lambda tx: tx.drafts.drop(KEYS[0]),
}


def version(tx: Tx) -> int:
    found = tx.drafts.get(KEYS)
    assert found is not None
    return found.version


def draft(sealed: bytes) -> DraftRow:
    return DraftRow(KEYS[0], 0, "open", sealed, START)


def put_unseen(database: Database, seen: int, *marks: bytes) -> int:
    arrival = Arrival(KEYS, marks, "telegram", "7")
    work: Work = lambda tx: tx.arrivals.put(draft(b"ours"), seen, arrival)  # noqa: E731
    return database.writer.submit(work).result(30)


def test_a_draft_is_written_unseen_where_it_meets_what_was_remembered(database: Database) -> None:
    seen = database.writer.submit(lambda tx: tx.drafts.put(draft(b"mine"), None)).result(30)
    database.writer.submit(lambda tx: tx.drafts.bury([b"other"], START)).result(30)
    assert put_unseen(database, seen, b"message", b"tap") == seen + 1
    met = meet(database).draft
    assert met is not None
    assert (met.sealed, met.version) == (b"ours", seen + 1)


@pytest.mark.parametrize("meets", MEETS)
def test_a_draft_is_not_written_unseen_where_it_meets_anything_else(
    database: Database, meets: str
) -> None:
    def before(tx: Tx) -> int:
        tx.leaders.add(LAN)
        return tx.drafts.put(draft(b"mine"), None)

    seen = database.writer.submit(before).result(30)
    database.writer.submit(MEETS[meets]).result(30)
    left = meet(database).draft
    with pytest.raises(Stale):
        put_unseen(database, seen, b"message", b"older", b"tap")
    assert meet(database).draft == left
