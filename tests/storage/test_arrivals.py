"""What a message meets: the dialogue, a grave, a leader's chat, all in one look."""

import pytest

from storage.arrivals import ChatPlace, Met
from storage.database import Database
from storage.drafts import DraftRow
from storage.leaders import ChatRow, LeaderRow
from storage.unit_of_work import Tx
from storage.work_dialogues import DialogueRow
from tests.clocks import START

NOWHERE = ChatPlace(None, is_blocked=False, dialogue=None)
KEYS = (b"c" * 32, b"p" * 32)  # the chat's names under the current key and the one before


def meet(database: Database, *marks: bytes, address: str = "7") -> Met:
    with database.glance() as view:
        return view.arrivals.meet(KEYS, marks, "telegram", address)


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
        view.arrivals.meet((*KEYS, b"third"), [], "telegram", "7")
