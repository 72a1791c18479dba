"""The compliance workbook of an officer's area: as far as they see, and no further."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from typing import IO

from intake.errors import NotValid
from intake.officers import Session
from intake.plans.periods import local_day
from intake.policy import Right
from intake.service import Intake
from intake.ward.figures import WardFigures, months_until
from intake.ward.sheets import Sheets
from intake.work.work_scope import WorkScope, say, telling

MONTHS = 12
MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_IN_MEMORY = 4 * 1024 * 1024


class WardSheets:
    """Writes workbooks into files that are gone when they are closed."""

    def __init__(
        self, intake: Intake, scope: WorkScope, figures: WardFigures, sheets: Sheets
    ) -> None:
        self._intake = intake
        self._scope = scope
        self._figures = figures
        self._sheets = sheets

    @contextmanager
    def open(
        self, session: Session, area_id: str | None = None, month: str = ""
    ) -> Generator[tuple[str, IO[bytes]]]:
        """Give the name and the bytes of a workbook of the twelve months up to ``month``.

        Raises:
            NotFound: the area lies outside.
            NotValid: not a month, or nothing applies here.
        """
        reach = self._scope.reach(session, Right.READ_WORK, area_id)
        duties = self._figures.duties(session, area_id, month)
        if not duties:
            raise say(NotValid("Chưa có chương trình nào áp dụng ở đây nên chưa có bảng."))
        today = local_day(self._intake.clock.now())
        until = today.replace(year=int(month[:4]), month=int(month[5:]), day=1) if month else today
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as out, telling():
            programmes = tuple(dict.fromkeys(duty.programme for duty in duties))
            self._sheets.write(reach.area_id, programmes, months_until(until, MONTHS), out)
            out.seek(0)
            yield f"bang-{reach.area_id}-{until:%Y-%m}.xlsx", out
