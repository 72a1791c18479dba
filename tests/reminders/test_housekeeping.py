"""The jobs in the background: forgetting, telling, mixing, vouching; led once, never fatal."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from intake.audit import AuditSigner
from intake.errors import ChannelDown, NotSignedIn
from intake.plans.programme_use import ProgrammeUses
from intake.relay import Relay
from intake.vault.key_pairs import new_seed, public_key
from intake.vault.relay import seal_address
from intake.work.obligations import Obligations
from reminders.housekeeping import Housekeeping
from storage.pushes import PushRow, StopRow
from tests.wards import Ward

pytestmark = pytest.mark.anyio
SEED = new_seed()


class Chats:
    """Remembers whom it wrote to; can be down, or find somebody gone."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.down = False
        self.gone: set[str] = set()

    async def tell(self, channel: str, address: str) -> bool:
        if self.down:
            raise ChannelDown("down")
        if address in self.gone:
            return False
        self.told.append((channel, address))
        return True

    async def alarm(self, channel: str, address: str) -> bool:
        return await self.tell(channel, address)


@pytest.fixture
def chats() -> Chats:
    return Chats()


@pytest.fixture
def jobs(ward: Ward, chats: Chats) -> Housekeeping:
    signer = AuditSigner(ward.intake, bytes(range(32)))
    return Housekeeping(ward.intake, ward.settings, signer, Relay(ward.intake, SEED), chats)


def wants_news(ward: Ward, number: int, address: str) -> bytes:
    """Keep a push address for a made-up tip, due now."""
    row_id, tip_id = bytes([number]) * 16, bytes([100 + number]) * 16
    sealed = seal_address(public_key(SEED), row_id, "demo", address)
    day = ward.clock.today() + timedelta(days=90)
    due = ward.clock.now() - timedelta(minutes=1)
    ward.intake.write_now(lambda tx: tx.pushes.add(PushRow(row_id, tip_id, sealed, day, due)))
    return tip_id


async def test_periods_open_and_are_frozen_when_they_are_over(
    ward: Ward, jobs: Housekeeping
) -> None:
    uses = ProgrammeUses(ward.intake, ward.settings)
    obligations = Obligations(ward.intake, uses)
    uses.use("D1-01", "viec-hang-thang-cua-to", ward.clock.today())
    assert await jobs.run("keep-periods", jobs.keep_periods, "one")
    opened = obligations.standing("D1-01-03", ward.clock.today())
    assert {each.state for each in opened} == {"open"}
    assert len(opened) == 2
    ward.clock.set(ward.clock.now() + timedelta(days=60))
    assert await jobs.run("keep-periods", jobs.keep_periods, "one")
    assert {obligations.get(each.obligation_id).state for each in opened} == {"closed"}


async def test_a_due_notice_is_sent_once_and_again_only_for_a_new_answer(
    ward: Ward, jobs: Housekeeping, chats: Chats
) -> None:
    tip_id = wants_news(ward, 1, "a")
    await jobs.tell_of_answers()
    await jobs.tell_of_answers()
    assert chats.told == [("demo", "a")]
    ward.intake.write_now(lambda tx: tx.pushes.schedule(tip_id, ward.clock.now()))
    await jobs.tell_of_answers()
    assert chats.told == [("demo", "a")] * 2


async def test_a_notice_that_could_not_be_sent_is_tried_again(
    ward: Ward, jobs: Housekeeping, chats: Chats
) -> None:
    wants_news(ward, 1, "a")
    chats.down = True
    await jobs.tell_of_answers()
    chats.down = False
    await jobs.tell_of_answers()
    assert chats.told == [("demo", "a")]


async def test_an_address_whose_owner_is_gone_is_forgotten(
    ward: Ward, jobs: Housekeeping, chats: Chats
) -> None:
    wants_news(ward, 1, "a")
    chats.gone.add("a")
    await jobs.tell_of_answers()
    with ward.intake.read() as view:
        assert view.pushes.all() == []


async def test_a_stop_request_deletes_every_row_of_that_address_before_anything_is_sent(
    ward: Ward, jobs: Housekeeping, chats: Chats
) -> None:
    wants_news(ward, 1, "a")
    wants_news(ward, 2, "a")
    wants_news(ward, 3, "b")
    stop_id = bytes(16)
    sealed = seal_address(public_key(SEED), stop_id, "demo", "a")
    ward.intake.write_now(lambda tx: tx.pushes.add_stop(StopRow(stop_id, sealed)))
    await jobs.tell_of_answers()
    assert chats.told == [("demo", "b")]
    with ward.intake.read() as view:
        assert [row.id for row in view.pushes.all()] == [bytes([3]) * 16]
        assert view.pushes.stops() == []


async def test_addresses_die_after_their_last_day(ward: Ward, jobs: Housekeeping) -> None:
    wants_news(ward, 1, "a")
    ward.clock.advance(days=89)
    await jobs.forget_old_addresses()
    with ward.intake.read() as view:
        assert len(view.pushes.all()) == 1
    ward.clock.advance(days=2)
    await jobs.forget_old_addresses()
    with ward.intake.read() as view:
        assert view.pushes.all() == []


async def test_idle_and_old_sessions_lose_their_copy_of_the_key(
    ward: Ward, jobs: Housekeeping
) -> None:
    ward.sign_in("phuong.chi")
    await jobs.end_idle_sessions()
    with ward.intake.read() as view:
        before = view.officers.count_sessions()
    ward.clock.advance(minutes=ward.settings.session_idle_minutes + 1)
    await jobs.end_idle_sessions()
    with ward.intake.read() as view:
        assert before > 0
        assert view.officers.count_sessions() == 0


async def test_a_changed_audit_row_breaks_the_chain_or_the_signature(
    ward: Ward, jobs: Housekeeping
) -> None:
    signer = AuditSigner(ward.intake, bytes(range(32)))
    await jobs.vouch_for_audit()
    assert signer.verify().broken_at is None
    assert signer.verify().checkpoints == 1
    await jobs.vouch_for_audit()
    assert signer.verify().checkpoints == 1
    stranger = AuditSigner(ward.intake, bytes(32))
    assert stranger.verify().broken_at is not None


async def test_a_job_runs_for_one_holder_at_a_time_and_notes_its_success(
    ward: Ward, jobs: Housekeeping
) -> None:
    runs: list[str] = []

    async def job() -> None:
        runs.append("ran")

    assert await jobs.run("mine", job, "one")
    assert not await jobs.run("mine", job, "two")
    ward.clock.advance(minutes=2)
    assert await jobs.run("mine", job, "two")
    assert runs == ["ran", "ran"]
    with ward.intake.read() as view:
        assert view.jobs.last("mine") == ward.clock.now()


async def test_a_job_that_fails_ends_nothing_and_is_not_noted_as_done(
    ward: Ward, jobs: Housekeeping, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken() -> None:
        raise RuntimeError("MARKED-SECRET")

    assert not await jobs.run("broken", broken, "one")
    with ward.intake.read() as view:
        assert view.jobs.last("broken") is None
    assert "MARKED-SECRET" not in caplog.text


async def test_the_nightly_mixing_leaves_every_tip_readable(ward: Ward, jobs: Housekeeping) -> None:
    codes = [ward.send(what=f"tin {number}") for number in range(5)]
    await jobs.mix_arrivals()
    officer = ward.sign_in("phuong.chi")
    rows = ward.services.triage.queue(officer).rows
    assert len(rows) == len(codes)
    assert all(row.readable for row in rows)


async def test_old_calls_spent_links_and_failed_sign_ins_are_forgotten(
    ward: Ward, jobs: Housekeeping
) -> None:
    ward.services.people.add_officer(None, "phuong", "moi", "Mới")
    with pytest.raises(NotSignedIn):
        ward.services.sign_ins.sign_in("phuong.chi", "x", "000000")
    ward.intake.write_now(lambda tx: tx.pushes.page_call("phuong", ward.clock.now()))

    def left() -> list[int]:
        with ward.intake.read() as view:
            return [
                view.connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
                for name in ("page_call", "invite", "sign_in_try")
            ]

    await jobs.forget_what_is_past()
    assert left() == [1, 1, 1]
    ward.clock.advance(hours=25)
    await jobs.forget_what_is_past()
    assert left() == [0, 1, 0]
    ward.clock.advance(hours=24)
    await jobs.forget_what_is_past()
    assert left() == [0, 0, 0]
