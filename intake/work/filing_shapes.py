"""What a filing looks like: the document that was named, and what others may see of it.

Frozen shapes and how they are read and kept; what may be marked as sent is ruled in ``filings``.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from intake.errors import NotValid
from intake.plans.periods import local_day
from intake.text import clean
from storage.filings import FilingRow


class Document(BaseModel):
    """The paper that was sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    document_number: str = Field(min_length=1, max_length=80)
    document_on: date


class FilingView(BaseModel):
    """One thing that was marked as sent."""

    model_config = ConfigDict(frozen=True)
    id: str
    programme: str
    item: str
    title: str
    occurrence: str
    area_id: str
    role: str
    document_number: str
    document_on: date
    filed_at: datetime
    filed_by: str
    version: int
    withdrawn: bool


class FilingChange(BaseModel):
    """What stood in a filing before one change."""

    model_config = ConfigDict(frozen=True)
    version: int
    at: datetime
    by: str
    reason: str
    before: Mapping[str, Any]


def document_of(values: Mapping[str, Any], at: datetime) -> Document:
    """Return the document that somebody names at that moment.

    Raises:
        NotValid: other fields, no number, or a day that has not come yet.
    """
    try:
        paper = Document.model_validate(
            {**values, "document_number": clean(str(values.get("document_number", "")))}
        )
    except ValidationError:
        raise NotValid("Phải ghi số văn bản (không quá 80 chữ) và ngày văn bản có thật.") from None
    if paper.document_on > local_day(at):
        raise NotValid("Ngày văn bản chưa tới: xem lại.")
    return paper


def before(row: FilingRow) -> str:
    """Return what stands in a row, as it is kept when the row is changed."""
    kept = {"document_number": row.document_number, "document_on": row.document_on.isoformat(),
            "filed_at": row.filed_at.isoformat(), "filed_by": row.filed_by,
            "withdrawn": row.withdrawn}  # fmt: skip
    return json.dumps(kept, ensure_ascii=False, sort_keys=True)
