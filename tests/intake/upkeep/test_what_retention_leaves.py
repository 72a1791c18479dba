"""What an erasure must leave alone, and what it must not leave behind."""

import pytest
from sqlalchemy import select, update
from sqlmodel import SQLModel

from intake.settings import RetentionMonths
from intake.tip_states import REASONS
from intake.upkeep.retention import Retention
from storage import retention as stored
from storage.database import Database
from tests.intake.upkeep.test_retention import closed, leader, months_later, tip_of
from tests.wards import Ward

TABLES = SQLModel.metadata.tables


@pytest.fixture
def half_a_year(ward: Ward) -> Retention:
    months = RetentionMonths(tips=6)
    return Retention(ward.intake, ward.settings.model_copy(update={"retention": months}))


def test_an_answer_given_after_closing_can_be_read_as_long_as_any_other(
    ward: Ward, half_a_year: Retention
) -> None:
    tip = closed(ward)
    months_later(ward, 5)
    officer = ward.sign_in("phuong.chi")
    ward.services.triage.answer(officer, tip.id.hex(), tip.version, "đã rõ, cảm ơn")
    months_later(ward, 2)
    assert half_a_year.erase().tips == 0
    months_later(ward, 5)
    assert half_a_year.erase().tips == 1


async def add(ward: Ward, code: str, text: str) -> None:
    """Add something to a tip, as whoever holds the code."""
    found = await ward.follow_up.look_up(code)
    ward.intake.write_now(ward.follow_up.prepare_addition(found, text, ()).add)


@pytest.mark.anyio
async def test_an_addition_counts_from_its_own_day_though_an_older_one_is_still_unread(
    ward: Ward, half_a_year: Retention
) -> None:
    code = ward.send()
    tip = tip_of(ward, code)
    assert tip is not None
    officer = ward.sign_in("phuong.chi")
    ward.services.triage.close(officer, tip.id.hex(), tip.version, REASONS[0].key)
    await add(ward, code, "lần đầu")
    months_later(ward, 5)
    await add(ward, code, "lần sau")  # the queue shows the first alone as news
    months_later(ward, 2)
    assert half_a_year.erase().tips == 0
    months_later(ward, 5)
    assert half_a_year.erase().tips == 1


def test_no_chat_of_a_leader_who_was_forgotten_is_left_in_any_row(ward: Ward) -> None:
    gone, stays = leader(ward, 1, ward.clock.today()), leader(ward, 2, None)
    now, today = ward.clock.now(), ward.clock.today()
    rows = [
        {
            "id": bytes([number, place]) * 8, "owner_id": "D1-01-03", "commune_id": "D1-01",
            "kind": "meeting", "counts_as": "meeting", "done_on": today, "details": "{}",
            "state": "filed", "flags": "", "filed_at": now, "received_at": now,
            "filed_by": f"leader:{who.hex()}", "by_phone": False, "after_close": False,
            "source": f"demo:chat-{number}:{place}", "version": 1, "question": "",
        }
        for number, who in ((1, gone), (2, stays)) for place in (1, 2)
    ]  # fmt: skip
    ward.intake.write_now(lambda tx: tx.connection.execute(TABLES["check_in"].insert(), rows))
    months_later(ward, 12)
    retention = Retention(ward.intake, ward.settings)
    assert retention.erase().leaders == 1
    with ward.intake.read() as view:
        found = {
            table.name: str(view.connection.execute(select(table)).all())
            for table in SQLModel.metadata.sorted_tables
        }
    assert {name for name, rows in found.items() if "chat-1" in rows} == set()
    assert found["check_in"].count("demo:chat-2:") == 2


def test_every_table_from_which_something_is_erased_is_cleaned_afterwards(
    postgres_database: Database,
) -> None:
    """A row that was deleted stays on its page until the page is cleaned."""
    erased_from = {
        "tip", "part", "wrap", "push_address", "stop_request", "tombstone", "draft", "draft_photo",
        "officer_session", "key_grant", "check_in", "check_in_photo", "leader", "leader_chat",
        "leader_invite", "nudge", "nudge_rung", "nudge_snooze", "hindrance", "officer_person",
        "calendar_address", "work_dialogue",
    }  # fmt: skip
    assert set(stored.CLEANED) >= erased_from
    assert postgres_database.scrub()
    postgres_database.vacuum()


def test_what_was_closed_stays_closed_for_the_clock_when_its_row_is_touched(
    ward: Ward, half_a_year: Retention
) -> None:
    """A nightly rewrite neither shortens nor lengthens the months."""
    closed(ward)
    months_later(ward, 5)
    ward.intake.database.rewrite_day()
    ward.intake.write_now(lambda tx: tx.connection.execute(update(TABLES["tip"]).values(fresh=1)))
    months_later(ward, 2)
    assert half_a_year.erase().tips == 1
