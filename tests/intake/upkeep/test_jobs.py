"""The list of jobs: names that are known once, and when each was last due."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from intake.ports import VIETNAM
from intake.upkeep.jobs import JOBS, Job, job_named
from tests.clocks import FixedClock


@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)))  # noqa: DTZ001  local, made aware
def test_a_job_was_last_due_at_its_hour_and_less_than_its_round_ago(local: datetime) -> None:
    now = local.replace(tzinfo=VIETNAM)
    for job in JOBS:
        due = job.last_due(now)
        if job.at is None:
            assert due is None
            continue
        assert due is not None
        assert (due.hour, due.minute) == job.at
        assert due <= now < due + timedelta(days=1 if job.weekday is None else 7)
        assert job.weekday in (None, due.weekday())


def test_names_of_jobs_are_known_once(clock: FixedClock) -> None:
    assert len({job.name for job in JOBS}) == len(JOBS)
    assert job_named("nobody") is None
    job = job_named("compact")
    assert isinstance(job, Job)
    assert not job.may_begin(clock.now())  # a Monday
