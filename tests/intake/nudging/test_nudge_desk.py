"""What officers see and do about reminders: cut to their area, and audited.

The statements behind it run on both databases in ``tests/storage/test_nudge_log.py``.
"""

from datetime import date, timedelta
from pathlib import Path

import pytest

from intake.errors import Conflict, NotAllowed, NotFound, NotValid
from intake.nudging.shapes import subject_of
from intake.nudging.stops import is_stopped, stopped_areas
from intake.officers import Session
from storage.database import Database
from tests.api.desks import open_desk
from tests.api.nudge_rows import Ports, add_nudge, digest, line, planned, with_ports
from tests.api.work_desk import PLAN, THON_1, TO_3, TO_4, WorkDesk, open_work_desk
from tests.clocks import FixedClock
from tests.wards import Template, Ward, open_ward


@pytest.fixture
def ward(furnished: Template, tmp_path: Path, sqlite_database: Database, clock: FixedClock) -> Ward:
    return open_ward(furnished, tmp_path, sqlite_database, clock)


@pytest.fixture
def ports(ward: Ward) -> Ports:
    return with_ports(ward)


@pytest.fixture
def work(ward: Ward, ports: Ports) -> WorkDesk:
    del ports
    return open_work_desk(open_desk(ward))


@pytest.fixture
def clerk(ward: Ward, work: WorkDesk) -> Session:
    del work
    return ward.sign_in("phuong.em")


def acts(ward: Ward) -> list[tuple[str, str]]:
    with ward.intake.read() as view:
        return [(row.act, row.subject) for row in view.audit.rows(0)][-3:]


def owed(work: WorkDesk, owner: str = TO_4) -> bytes:
    return bytes.fromhex(work.obligation(owner))


# --- beforehand -----------------------------------------------------------------------------------


def test_a_ward_is_told_what_concerns_it_and_nothing_of_a_shared_persons_other_ward(
    ward: Ward, ports: Ports, work: WorkDesk, clerk: Session
) -> None:
    ports.preview.wished = (
        planned(work.leader, "Nguyễn Mẫu", line(TO_3, "tổ 3"), line(THON_1, "thôn 1")),
        planned(work.other_leader, "Trần Khác", line(THON_1, "thôn 1")),
        planned(work.leader, "Nguyễn Mẫu", line(TO_4, "tổ 4"), channel="phone"),
        planned(work.leader, "Nguyễn Mẫu", line(TO_4, "tổ 4"), stopped="paused"),
        planned(work.leader, "Cán bộ", digests=(digest("D1-01", unread_tips=7),)),
        planned(work.leader, "Cán bộ"),  # would say nothing but how many tips wait
    )
    plan = ward.services.nudges.desk.plan(clerk)
    assert ports.preview.asked == [(date(2026, 3, 3), "D1-01")]
    assert [[each.owner_id for each in one.owed] for one in plan.messages] == [[TO_3], []]
    assert len(plan.by_phone) == len(plan.held) == 1
    told = plan.model_dump_json()
    assert "thôn 1" not in told
    assert "Trần Khác" not in told
    assert "unread" not in told


def test_only_days_that_can_be_told_are_asked_for(ward: Ward, clerk: Session) -> None:
    desk, today = ward.services.nudges.desk, ward.clock.today()
    assert desk.plan(clerk, day=today).day == today
    for day in (today - timedelta(days=1), today + timedelta(days=90)):
        with pytest.raises(NotValid):
            desk.plan(clerk, day=day)
    with pytest.raises(NotFound):
        desk.plan(clerk, "D1-02")


# --- afterwards -----------------------------------------------------------------------------------


def test_the_log_says_what_left_when_why_and_whether_it_was_done_soon_after(
    ward: Ward, work: WorkDesk, clerk: Session
) -> None:
    first, second = owed(work, TO_3), owed(work, TO_4)
    sent = add_nudge(ward, work.leader, (first, "-7"), (second, "-7"))
    ward.clock.advance(days=1)
    work.file(TO_3)
    work.file(THON_1)
    ward.clock.advance(days=4)
    work.file(TO_4)  # done as well, but five days after it was asked for
    clerk = ward.sign_in("phuong.em")
    add_nudge(ward, work.leader, (second, "-3"), by=f"officer:{clerk.officer.id}")
    add_nudge(ward, work.other_leader, (owed(work, THON_1), "-3"))
    log = ward.services.nudges.desk.log(clerk)
    assert [log.sent, log.waiting, log.dead, log.phone] == [2, 0, 0, 0]
    told = next(each for each in log.messages if each.id == sent.hex())
    assert [(each.owner_name, each.rung, each.met_at is not None) for each in told.about] == [
        ("tổ dân phố số 3", "-7", True), ("tổ dân phố số 4", "-7", True),
    ]  # fmt: skip
    assert [str(each.soon) for each in log.effects if each.rung == "-7"] == ["1/2 = 50,0 %"]
    assert {each.by for each in log.messages} == {"", clerk.officer.name}
    assert work.other_leader not in log.model_dump_json()
    assert "555000111" not in log.model_dump_json()  # the address of a chat


def test_a_thing_that_two_people_were_reminded_of_counts_once_and_a_fresh_one_not_yet(
    ward: Ward, work: WorkDesk, clerk: Session
) -> None:
    subject, deputy = owed(work, TO_3), work.new_leader()
    add_nudge(ward, work.leader, (subject, "-7"))
    add_nudge(ward, deputy, (subject, "-7"))
    effect = ward.services.nudges.desk.log(clerk).effect
    assert (effect.sent, effect.soon.denominator) == (1, 0)
    ward.clock.advance(days=4)
    clerk = ward.sign_in("phuong.em")
    effect = ward.services.nudges.desk.log(clerk).effect
    assert (effect.sent, effect.soon.numerator, effect.soon.denominator) == (1, 0, 1)


def test_what_could_not_be_sent_stands_apart_with_its_reason(
    ward: Ward, work: WorkDesk, clerk: Session
) -> None:
    add_nudge(ward, work.leader, (owed(work), "-7"), state="dead", reason="failed", tries=3)
    add_nudge(ward, work.new_leader(), (owed(work, TO_3), "-7"), state="phone", reason="gone")
    add_nudge(ward, work.new_head(9), (owed(work, TO_3), "0"), state="waiting")
    log = ward.services.nudges.desk.log(clerk)
    assert [log.dead, log.phone, log.waiting] == [1, 1, 1]
    assert {(each.state, each.reason) for each in log.trouble} == {
        ("dead", "failed"), ("phone", "gone")
    }  # fmt: skip
    assert [each.state for each in log.messages] == ["waiting"]


def test_a_report_is_found_again_by_the_bytes_of_its_names(
    ward: Ward, work: WorkDesk, clerk: Session
) -> None:
    uses = ward.services.work.services.uses
    deadline = next(d for d in uses.programme(PLAN).deadlines if d.id == "bao-cao-6-thang")
    subject = subject_of(PLAN, deadline.id, "2026-06-17", "D1-01")
    ward.services.work.services.leaders.assign(bytes.fromhex(work.leader), "D1-01")
    add_nudge(ward, work.leader, (subject, "-14"), (subject_of("digest", "x"), "digest"))
    (told,) = ward.services.nudges.desk.log(clerk).messages
    assert deadline.title in {each.title for each in told.about}


def test_how_many_tips_wait_leaves_no_trace_in_the_log(
    ward: Ward, work: WorkDesk, clerk: Session
) -> None:
    add_nudge(ward, work.leader, (subject_of("unread", "phuong"), "unread"))
    log = ward.services.nudges.desk.log(clerk)
    assert (log.sent, log.messages) == (0, ())
    tomorrow = ward.clock.now() + timedelta(days=1)
    both = ((subject_of("unread", "phuong"), "unread"), (owed(work), "-7"))
    add_nudge(ward, work.leader, *both, at=tomorrow)
    (told,) = ward.services.nudges.desk.log(clerk).messages
    assert [each.rung for each in told.about] == ["-7"]


def test_nobody_sees_a_persons_nudges_from_before_they_came(
    ward: Ward, work: WorkDesk, clerk: Session
) -> None:
    add_nudge(ward, work.other_leader, (owed(work, THON_1), "-7"))
    leader, later = bytes.fromhex(work.other_leader), ward.clock.today() + timedelta(days=1)
    ward.services.work.services.leaders.assign(leader, TO_4, "deputy", since=later)
    assert ward.services.nudges.desk.log(clerk).sent == 0


# --- by hand --------------------------------------------------------------------------------------


def test_the_ward_asks_for_one_of_its_people_and_it_is_written_down_first(
    ward: Ward, ports: Ports, work: WorkDesk, clerk: Session
) -> None:
    found = ward.services.nudges.acts.remind(clerk, work.leader)
    assert (found.planned, found.refused) == (1, ())
    assert ports.by_hand.asked == [([work.leader], f"officer:{clerk.officer.id}")]
    assert acts(ward)[-1] == ("nudge.hand", work.leader)
    with pytest.raises(NotFound):
        ward.services.nudges.acts.remind(clerk, work.other_leader)
    assert len(ports.by_hand.asked) == 1


def test_asking_for_everybody_names_those_who_owe_and_are_not_written_to(
    ward: Ward, ports: Ports, work: WorkDesk, clerk: Session
) -> None:
    deputy, third = work.new_leader(), work.new_head(7)
    ports.by_hand.why = {bytes.fromhex(deputy): "nothing", bytes.fromhex(third): "cap"}
    found = ward.services.nudges.acts.remind_all(clerk)
    assert (found.planned, [(each.name, each.why) for each in found.refused]) == (
        1, [("Vũ Trưởng", "cap")]
    )  # fmt: skip
    with pytest.raises(NotValid):
        ward.services.nudges.acts.remind_all(ward.sign_in("tinh.an"))


def test_nobody_asks_by_hand_in_an_officers_own_chat_and_so_learns_what_they_were_told(
    ward: Ward, ports: Ports, work: WorkDesk, clerk: Session
) -> None:
    own, officer = ward.services.nudges.own_chat, ward.sign_in("phuong.binh")
    own.connect(officer)
    entry = own.mine(officer).entry
    assert entry is not None
    ports.by_hand.why = {bytes.fromhex(entry.leader_id): "told"}
    acts_of = ward.services.nudges.acts
    with pytest.raises(Conflict):
        acts_of.remind(clerk, entry.leader_id)
    assert acts_of.remind_all(clerk).refused == ()
    assert ports.by_hand.asked == [([work.leader], f"officer:{clerk.officer.id}")]
    assert [each.why for each in acts_of.remind(officer, entry.leader_id).refused] == ["told"]


def test_who_asked_about_another_wards_work_is_not_named(
    ward: Ward, work: WorkDesk, clerk: Session
) -> None:
    ward.services.work.services.leaders.assign(bytes.fromhex(work.leader), THON_1, "deputy")
    theirs = f"officer:{work.desk.officer_id('tinh.an')}"
    add_nudge(ward, work.leader, (owed(work, THON_1), "hand-2026-03-02"), by=theirs)
    (told,) = ward.services.nudges.desk.log(clerk).messages
    assert (told.about, told.by) == ((), "")


def test_who_has_left_is_not_written_to(ward: Ward, work: WorkDesk, clerk: Session) -> None:
    ward.services.work.services.leaders.leave(bytes.fromhex(work.leader))
    with pytest.raises(NotFound):
        ward.services.nudges.acts.remind(clerk, work.leader)


# --- the switch -----------------------------------------------------------------------------------


def test_a_stop_holds_the_area_and_what_lies_below_and_nobody_else(
    ward: Ward, work: WorkDesk, clerk: Session
) -> None:
    acts_of = ward.services.nudges.acts
    acts_of.stop(clerk)
    acts_of.stop(clerk)
    assert acts(ward)[-1] == ("nudges.stop", "D1-01")
    assert [act for act, _ in acts(ward)].count("nudges.stop") == 1
    with ward.intake.read() as view:
        stopped = stopped_areas(view)
        assert is_stopped(view, [TO_3], stopped)
        assert is_stopped(view, [THON_1, TO_4], stopped)
        assert not is_stopped(view, [THON_1], stopped)
        assert not is_stopped(view, ["D1"], stopped)
    with pytest.raises(Conflict):
        acts_of.remind(clerk, work.leader)
    acts_of.resume(clerk)
    assert acts(ward)[-1] == ("nudges.resume", "D1-01")
    assert acts_of.remind(clerk, work.leader).planned == 1


def test_what_the_unit_above_stopped_the_ward_sees_and_cannot_let_run(
    ward: Ward, work: WorkDesk, clerk: Session
) -> None:
    acts_of, above = ward.services.nudges.acts, ward.sign_in("tinh.an")
    acts_of.stop(above)
    (seen,) = acts_of.stops(clerk)
    assert (seen.area_id, seen.mine, seen.by) == ("D1", False, above.officer.name)
    acts_of.resume(clerk)  # its own switch, which is not on
    with pytest.raises(NotFound):
        acts_of.resume(clerk, "D1")
    assert [each.area_id for each in acts_of.stops(clerk)] == ["D1"]
    with ward.intake.read() as view:
        assert is_stopped(view, [THON_1], stopped_areas(view))
    acts_of.resume(above)
    assert acts_of.stops(clerk) == ()


def test_a_ward_that_the_unit_above_stopped_by_name_cannot_let_itself_run_again(
    ward: Ward, work: WorkDesk, clerk: Session
) -> None:
    acts_of, above = ward.services.nudges.acts, ward.sign_in("tinh.an")
    acts_of.stop(above, "D1-01")
    assert [(each.area_id, each.mine) for each in acts_of.stops(clerk)] == [("D1-01", False)]
    with pytest.raises(Conflict):
        acts_of.resume(clerk)
    assert [each.mine for each in acts_of.stops(above)] == [True]
    acts_of.resume(above, "D1-01")
    assert acts_of.stops(clerk) == ()


def test_an_administrator_stops_the_whole_installation_and_reads_nothing_else(
    ward: Ward, work: WorkDesk, clerk: Session
) -> None:
    acts_of, admin = ward.services.nudges.acts, ward.sign_in("quantri")
    acts_of.stop(admin)
    assert [(each.area_id, each.mine) for each in acts_of.stops(clerk)] == [("", False)]
    assert [(each.area_id, each.mine) for each in acts_of.stops(admin)] == [("", True)]
    with ward.intake.read() as view:
        assert view.nudges.switch("nudges") is not None  # what the outbox looks at
        assert is_stopped(view, [], stopped_areas(view))
    with pytest.raises(Conflict):
        acts_of.remind(clerk, work.leader)
    with pytest.raises(NotAllowed):
        ward.services.nudges.desk.plan(admin)
    acts_of.resume(admin)
    assert acts_of.stops(admin) == ()


# --- one's own chat -------------------------------------------------------------------------------


def test_an_officer_is_written_to_under_an_entry_of_their_own_unit(
    ward: Ward, work: WorkDesk, clerk: Session
) -> None:
    own = ward.services.nudges.own_chat
    assert own.mine(clerk).entry is None
    with pytest.raises(NotFound):
        own.connect(clerk, work.leader)  # looks after a neighbourhood, not the ward itself
    own.connect(clerk, address_as="chị")
    entry = own.mine(clerk).entry
    assert entry is not None
    assert (entry.name, entry.address_as, entry.chats) == (clerk.officer.name, "chị", 0)
    with pytest.raises(Conflict):
        own.connect(clerk)
    own.invite(clerk)
    assert own.mine(clerk).invited_until is not None
    with ward.intake.read() as view:
        held = view.assignments.assigned_on(["D1-01"], ward.clock.today())
    assert [each.leader_id.hex() for each in held] == [entry.leader_id]
    assert ("officer.chat", clerk.officer.id) in acts(ward)


def test_nobody_else_draws_a_code_for_an_officers_chat(
    ward: Ward, work: WorkDesk, clerk: Session
) -> None:
    own, officer = ward.services.nudges.own_chat, ward.sign_in("phuong.binh")
    own.connect(officer)
    entry = own.mine(officer).entry
    assert entry is not None
    with pytest.raises(Conflict):
        ward.services.work.leaders.invite(clerk, entry.leader_id)
    assert own.mine(clerk).choices == ()
    with pytest.raises(NotFound):
        own.connect(clerk, entry.leader_id)
    own.disconnect(officer)
    assert [each.leader_id for each in own.mine(clerk).choices] == [entry.leader_id]
    with pytest.raises(Conflict):
        own.invite(officer)


def test_one_whose_entry_has_left_may_be_connected_again(
    ward: Ward, work: WorkDesk, clerk: Session
) -> None:
    own = ward.services.nudges.own_chat
    own.connect(clerk)
    entry = own.mine(clerk).entry
    assert entry is not None
    ward.services.work.services.leaders.leave(bytes.fromhex(entry.leader_id))
    assert own.mine(clerk).entry is None
    own.connect(clerk)
    again = own.mine(clerk).entry
    assert again is not None
    assert again.leader_id != entry.leader_id
