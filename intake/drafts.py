"""What a resident has told so far: the draft of a tip, and the exact text that officers will read.

Pure shapes; they live inside the sealed dialogue row and never stand in a column.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict

MAX_TEXT = 8_000  # characters of the whole composed tip
MAX_PHOTOS = 6

Conflict = Literal["no", "yes", "unknown"]

_LABELS = {
    "kind": "Loại việc",
    "what": "Chuyện gì",
    "where": "Ở đâu",
    "when": "Lúc nào",
    "more": "Thêm",
}
KIND_LABELS = {
    "mua_ban": "mua bán",
    "tu_tap": "tụ tập sử dụng",
    "trong_cay": "trồng cây",
    "viec_khac": "việc khác",
}


class KeptPhoto(BaseModel):
    """A cleaned picture already sealed in a draft-photo row: its id and content key, both hex.

    ``digest`` is of the cleaned picture and tells one that is chosen twice; "" matches none.
    """

    model_config = ConfigDict(frozen=True)
    id: str
    key: str
    digest: str = ""


class TipDraft(BaseModel):
    """Everything that one tip will hold, before it is sealed. ``contact`` is sealed apart."""

    model_config = ConfigDict(frozen=True)
    conflict: Conflict | None = None
    kind: str | None = None
    what: str = ""
    area_id: str | None = None
    to_upper: bool = False
    where: str = ""
    when: str = ""
    more: str = ""
    photos: tuple[KeptPhoto, ...] = ()
    contact: str | None = None
    calm: bool = False  # the reporter said "không gấp": release like any other


def compose(draft: TipDraft) -> str:
    """Return the exact text that officers will read and that the preview shows."""
    kind = KIND_LABELS.get(draft.kind or "", "")
    values = {
        "kind": kind,
        "what": draft.what,
        "where": draft.where,
        "when": draft.when,
        "more": draft.more,
    }
    return "\n".join(f"{_LABELS[key]}: {value}" for key, value in values.items() if value)
