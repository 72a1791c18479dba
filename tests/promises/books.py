"""What the officers find afterwards, held against what residents were told. Opens everything."""

import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from intake.vault.answers import derive
from tests.promises.residents import COLOURS, Resident
from tests.wards import Ward

_MARK = re.compile(r"M\d+x\d+z")
_OFFICERS = ("phuong.binh", "tinh.an")  # the receiving unit, and the one above


@dataclass
class Found:
    """One stored tip, as both units opened it."""

    id: bytes
    marks: set[str]
    photos: list[int]


@dataclass
class Books:
    """All stored tips, and everything that is wrong with them."""

    ward: Ward
    tips: dict[bytes, Found] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, ward: Ward) -> "Books":
        """Open every stored tip with the keys of the unit and of the unit above."""
        books = cls(ward)
        books._open_all()
        books._check_rows()
        return books

    # --- rows
    # ---------------------------------------------------------------------------------------

    def _rows(self, statement: str) -> Sequence[Any]:
        with self.ward.intake.read() as view:
            return view.connection.exec_driver_sql(statement).all()

    def count(self, table: str) -> int:
        return int(self._rows(f"SELECT count(*) FROM {table}")[0][0])

    def _check_rows(self) -> None:
        """No half tip: every part has its tip and two wraps, every wrap its part."""
        tips = {bytes(row[0]) for row in self._rows("SELECT id FROM tip")}
        parts = {bytes(row[0]): bytes(row[1]) for row in self._rows("SELECT id, tip_id FROM part")}
        wraps = Counter(bytes(row[0]) for row in self._rows("SELECT part_id FROM wrap"))
        self._fault("parts without a tip", set(parts.values()) - tips)
        self._fault("tips without their text", tips - set(parts))
        self._fault("wraps without a part", wraps.keys() - parts.keys())
        self._fault("parts without two wraps", {part for part in parts if wraps[part] != 2})

    def _fault(self, what: str, which: Iterable[object]) -> None:
        number = len(list(which))
        if number:
            self.faults.append(f"{number} {what}")

    # --- opening
    # ------------------------------------------------------------------------------------

    def _open_all(self) -> None:
        ids = [bytes(row[0]) for row in self._rows("SELECT id FROM tip")]
        for login in _OFFICERS:
            session = self.ward.sign_in(login)
            for tip_id in ids:
                try:
                    found = self._open(session, tip_id)
                except Exception as error:
                    self.faults.append(f"a tip that {login} cannot open: {type(error).__name__}")
                    continue
                if self.tips.setdefault(tip_id, found) != found:
                    self.faults.append("the two units read different things")

    def _open(self, session: Any, tip_id: bytes) -> Found:
        disclosure = self.ward.services.disclosure
        view = disclosure.open_tip(session, tip_id.hex())
        found = Found(tip_id, set(), [])
        for message in view.messages:
            found.marks |= set(_MARK.findall(message.text))
            for part in message.photo_ids:
                found.photos.append(_colour(disclosure.photo(session, tip_id.hex(), part)))
        if len([m for m in view.messages if m.kind == "tip"]) != 1:
            self.faults.append("a tip without its one text")
        return found

    def tip_of(self, code: str) -> bytes | None:
        """Return the tip that a code leads to, by the look-up that a reporter would do."""
        keys = derive(code, self.ward.foundation.salt(), self.ward.foundation.code_cost())
        with self.ward.intake.read() as view:
            row = view.tips.by_lookup(keys.lookup)
        return None if row is None else row.id

    # --- against what people know
    # -------------------------------------------------------------------

    def check(self, residents: Sequence[Resident], told: dict[str, str]) -> None:
        """Raise unless every code leads to its tip, and every tip to its one code.

        ``told`` holds every code that any chat or page was ever shown, and whose it was.
        """
        by_mark: defaultdict[str, list[Found]] = defaultdict(list)
        for tip in self.tips.values():
            for mark in tip.marks:
                by_mark[mark].append(tip)
        reached: Counter[bytes] = Counter()
        for code, mark in told.items():
            tip_id = self.tip_of(code)
            if tip_id is None:
                self.faults.append(f"LOST: {mark} was told a code that leads nowhere")
            elif self.tips[tip_id].marks != {mark}:
                self.faults.append(f"{mark} was told the code of {self.tips[tip_id].marks}")
            else:
                reached[tip_id] += 1
        self._fault("tips with more than one code told", [t for t, n in reached.items() if n > 1])
        self._fault("tips whose code reached nobody", self.tips.keys() - reached.keys())
        for resident in residents:
            self._check_one(resident, by_mark[resident.mark])
        assert not self.faults, self.faults

    def _check_one(self, resident: Resident, tips: list[Found]) -> None:
        if len(tips) != 1:
            self.faults.append(
                f"{resident.mark} has {len(tips)} tips, codes: {len(resident.codes)}"
            )
        elif sorted(tips[0].photos) != sorted(resident.photos):
            self.faults.append(f"{resident.mark} has other pictures than were sent")


def _colour(jpeg: bytes) -> int:
    """Return which of the pictures this is."""
    image = Image.open(io.BytesIO(jpeg)).convert("RGB")
    pixel = image.getpixel((image.width // 2, image.height // 2))
    assert isinstance(pixel, tuple)
    distances = [sum(abs(a - b) for a, b in zip(pixel, each, strict=True)) for each in COLOURS]
    assert min(distances) < 30
    return distances.index(min(distances))
