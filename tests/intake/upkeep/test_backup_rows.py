"""Rows of a backup come back as they were, whatever stands in them."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.upkeep.backup_rows import read_batch, write_batch
from storage.backups import Batch

_MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(), st.binary(max_size=400), _MOMENTS,
    st.dates(), st.floats(allow_nan=False),
)  # fmt: skip


@given(st.lists(st.tuples(_VALUES, _VALUES), max_size=5))
def test_every_kind_of_value_comes_back_as_it_was(rows: list[tuple[object, object]]) -> None:
    batch = Batch("body", "tip", ("a", "b"), list(rows))
    assert read_batch("body", write_batch(batch)) == batch


def test_bytes_that_belong_to_no_row_are_refused() -> None:
    frame = write_batch(Batch("brief", "wrap", ("a",), [(b"x",)]))
    for changed in (frame + b"more", frame[:-1]):
        with pytest.raises(ValueError, match="bytes"):
            read_batch("brief", changed)


def test_what_no_column_holds_is_not_written() -> None:
    with pytest.raises(ValueError, match="kind"):
        write_batch(Batch("body", "tip", ("a",), [(date,)]))
