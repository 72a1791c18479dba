"""Leaders: invited once, assigned between two days, handed over without losing anything."""

import asyncio
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.errors import Conflict, NotFound, NotValid
from intake.work.leaders import INVITE_LIFE, Leaders, show_code, tidy_code
from tests.wards import Ward

TO_3, TO_4 = "D1-01-03", "D1-01-04"
APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)


@pytest.fixture
def leaders(ward: Ward) -> Leaders:
    """The leaders of a furnished ward."""
    return Leaders(ward.intake)


# --- invites --------------------------------------------------------------------------------------


def test_an_invite_enrols_one_chat_once(leaders: Leaders) -> None:
    leader = leaders.add("Nguyễn Văn Hòa", "bác")
    code = leaders.invite(leader.id)
    assert leaders.of_chat("demo", "a1") is None
    assert leaders.enrol(code, "demo", "a1") == leader
    assert leaders.of_chat("demo", "a1") == leader
    assert leaders.misused() == ()


def test_a_used_code_is_refused_and_the_ward_sees_who_was_meant(
    leaders: Leaders, ward: Ward
) -> None:
    leader = leaders.add("Nguyễn Văn Hòa")
    code = leaders.invite(leader.id)
    leaders.enrol(code, "demo", "a1")
    with pytest.raises(NotFound):
        leaders.enrol(code, "demo", "thief")
    assert leaders.of_chat("demo", "thief") is None
    (misuse,) = leaders.misused()
    assert misuse.leader == leader
    assert misuse.tried_again_at == ward.clock.now()


def test_a_code_stops_working_after_three_days(leaders: Leaders, ward: Ward) -> None:
    code = leaders.invite(leaders.add("Hòa").id)
    ward.clock.advance(INVITE_LIFE)
    with pytest.raises(NotFound):
        leaders.enrol(code, "demo", "a1")
    assert leaders.misused() == ()


def test_a_code_works_until_its_last_second(leaders: Leaders, ward: Ward) -> None:
    code = leaders.invite(leaders.add("Hòa").id)
    ward.clock.advance(INVITE_LIFE - timedelta(seconds=1))
    leaders.enrol(code, "demo", "a1")
    assert leaders.is_enrolled("demo", "a1")


def test_a_new_code_ends_the_one_before_it(leaders: Leaders) -> None:
    leader = leaders.add("Hòa")
    first, second = leaders.invite(leader.id), leaders.invite(leader.id)
    with pytest.raises(NotFound):
        leaders.enrol(first, "demo", "a1")
    leaders.enrol(second, "demo", "a1")


def test_only_a_hash_of_a_code_is_stored(leaders: Leaders, ward: Ward) -> None:
    code = leaders.invite(leaders.add("Hòa").id)
    with ward.intake.read() as view:
        rows = view.connection.exec_driver_sql("SELECT * FROM leader_invite").all()
    assert len(rows) == 1
    assert code not in repr(rows)
    assert code.encode().hex() not in repr(rows)


@pytest.mark.anyio
async def test_two_who_come_with_one_code_at_the_same_moment_cannot_both_win(
    leaders: Leaders,
) -> None:
    code = leaders.invite(leaders.add("Hòa").id)

    def come(address: str) -> bool:
        try:
            leaders.enrol(code, "demo", address)
        except NotFound:
            return False
        return True

    came = await asyncio.gather(*(asyncio.to_thread(come, f"a{at}") for at in range(6)))
    assert sum(came) == 1


@given(st.text(alphabet="0123456789abcdefghjkmnpqrstuvwxyz -–_.", max_size=30))
def test_a_code_is_read_however_it_is_spaced(typed: str) -> None:
    code = tidy_code(typed)
    assert code is None or tidy_code(show_code(code).lower()) == code


# --- who looks after what -------------------------------------------------------------------------


def test_one_leader_may_look_after_several_neighbourhoods(leaders: Leaders) -> None:
    leader = leaders.add("Hòa")
    leaders.assign(leader.id, TO_3, since=APRIL)
    leaders.assign(leader.id, TO_4, since=APRIL)
    assert leaders.owners_of(leader.id, APRIL) == (TO_3, TO_4)
    assert leaders.owners_of(leader.id, APRIL - timedelta(days=1)) == ()


def test_a_substitute_stands_in_between_two_days(leaders: Leaders) -> None:
    head, other = leaders.add("Hòa"), leaders.add("Lan", "cô")
    leaders.assign(head.id, TO_3, since=APRIL)
    leaders.assign(other.id, TO_3, "substitute", APRIL, MAY)
    assert [each.name for each, _ in leaders.of_owner(TO_3, APRIL)] == ["Hòa", "Lan"]
    assert leaders.owners_of(other.id, MAY - timedelta(days=1)) == (TO_3,)
    assert leaders.owners_of(other.id, MAY) == ()


def test_two_heads_at_once_are_refused(leaders: Leaders) -> None:
    first, second = leaders.add("Hòa"), leaders.add("Lan")
    leaders.assign(first.id, TO_3, since=APRIL)
    with pytest.raises(Conflict):
        leaders.assign(second.id, TO_3, since=MAY)
    leaders.assign(second.id, TO_3, "deputy", MAY)


def test_a_hand_over_keeps_what_was_before(leaders: Leaders) -> None:
    old, new = leaders.add("Hòa"), leaders.add("Lan")
    leaders.assign(old.id, TO_3, since=APRIL)
    leaders.hand_over(TO_3, old.id, new.id, MAY)
    assert leaders.owners_of(old.id, MAY - timedelta(days=1)) == (TO_3,)
    assert leaders.owners_of(old.id, MAY) == ()
    assert leaders.owners_of(new.id, MAY) == (TO_3,)
    with pytest.raises(NotFound):
        leaders.hand_over(TO_3, old.id, new.id, MAY)


def test_who_leaves_is_reached_nowhere_and_holds_nothing(leaders: Leaders, ward: Ward) -> None:
    leader = leaders.add("Hòa")
    leaders.assign(leader.id, TO_3, since=date(2026, 1, 1))
    leaders.enrol(leaders.invite(leader.id), "demo", "a1")
    left_open = leaders.invite(leader.id)
    leaders.leave(leader.id)
    today = ward.clock.today()
    assert leaders.of_chat("demo", "a1") is None
    assert leaders.owners_of(leader.id, today) == ()
    assert leaders.owners_of(leader.id, today - timedelta(days=1)) == (TO_3,)
    assert leaders.get(leader.id).left_on == today
    with pytest.raises(NotFound):
        leaders.enrol(left_open, "demo", "a2")
    with pytest.raises(Conflict):
        leaders.invite(leader.id)


def test_reminders_can_be_paused_and_taken_up_again(leaders: Leaders) -> None:
    leader = leaders.add("Hòa")
    leaders.pause(leader.id, MAY)
    assert leaders.get(leader.id).paused_until == MAY
    leaders.pause(leader.id, None)
    assert leaders.get(leader.id).paused_until is None


@pytest.mark.parametrize(
    ("name", "address_as"), [("", "bác"), ("x" * 81, "bác"), ("Hòa", "ông chủ")]
)
def test_a_leader_needs_a_name_and_a_known_form_of_address(
    leaders: Leaders, name: str, address_as: str
) -> None:
    with pytest.raises(NotValid):
        leaders.add(name, address_as)


def test_nothing_can_be_assigned_that_is_not_there(leaders: Leaders) -> None:
    leader = leaders.add("Hòa")
    with pytest.raises(NotFound):
        leaders.assign(leader.id, "D1-01-99")
    with pytest.raises(NotFound):
        leaders.assign(b"nobody", TO_3)
    with pytest.raises(NotValid):
        leaders.assign(leader.id, TO_3, "head", MAY, APRIL)
    assert leaders.of_owner(TO_3, MAY) == ()


def test_no_table_of_the_work_side_refers_to_one_of_tips() -> None:
    from sqlmodel import SQLModel

    from storage import nudge_tables, work_tables

    ours = {
        str(model.__tablename__)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        for model in (*vars(work_tables).values(), *vars(nudge_tables).values())
        if isinstance(model, type) and issubclass(model, SQLModel) and model is not SQLModel
    }
    shared = {"area", *ours}
    for table in SQLModel.metadata.sorted_tables:
        for key in table.foreign_keys:
            pointed = key.column.table.name
            if (table.name, pointed) == ("officer_person", "officer"):
                continue  # an officer's own account may name who they are in a chat; no tip is near
            if table.name in ours:
                assert pointed in shared, (table.name, pointed)
            else:
                assert pointed not in ours, (table.name, pointed)
