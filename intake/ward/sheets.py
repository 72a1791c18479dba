"""The compliance workbook: Tổng hợp · Ma trận · Danh sách buổi · Định nghĩa.

The figures are those of `Compliance`, none is counted anew. Rows are read and written a page at a
time, so that a province with 100,000 activities needs no more memory than a ward.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import IO, TYPE_CHECKING, NamedTuple

from intake.errors import NotFound, NotValid
from intake.plans.periods import month_span
from intake.plans.programme_use import ProgrammeUses
from intake.service import Intake
from intake.ward import sheet_words as words
from intake.ward.sheet_shapes import Cell, Letter, Percent
from intake.work.check_in_desk import views
from intake.work.check_in_shapes import CheckInView
from intake.work.compliance import Column, Compliance, Figures, Share

if TYPE_CHECKING:
    from intake.ward.sheet_cells import Book, Page

MOST_MONTHS = 24
_AT_ONCE = 1_000
_BOTH = {"province", "commune"}


class Scope(NamedTuple):
    """What a workbook is about."""

    area_id: str
    name: str
    communes: tuple[str, ...]
    owner_id: str | None  # one neighbourhood or organisation alone
    programmes: tuple[str, ...]
    months: tuple[str, ...]


class Headed(NamedTuple):
    """A column of the matrix, with the programme that it belongs to."""

    programme: str
    column: Column


class Sheets:
    """Writes workbooks; changes nothing."""

    def __init__(self, intake: Intake, compliance: Compliance, uses: ProgrammeUses) -> None:
        self._intake = intake
        self._compliance = compliance
        self._uses = uses

    def write(
        self, area_id: str, programmes: Sequence[str], months: Sequence[str], out: IO[bytes]
    ) -> None:
        """Write the workbook of a province, a commune or one owner; months as ``2026-11``.

        Raises:
            NotFound: no such area.
            NotValid: no programme, no month, or more than two years of them.
            UnknownProgramme: no such programme.
        """
        from intake.ward.sheet_cells import Book  # noqa: PLC0415  slow to import

        if not programmes or not 0 < len(months) <= MOST_MONTHS:
            raise NotValid("Chọn ít nhất một chương trình và một tháng, nhiều nhất 24 tháng.")
        for programme in programmes:
            self._uses.programme(programme)
        scope = self._scope(area_id, programmes, months)
        columns, book = self._columns(scope), Book()
        self._summarise(book, scope, columns)
        self._draw_matrix(book, scope, columns)
        self._list_sessions(book, scope)
        self._define(book, scope)
        book.save(out)

    def _scope(self, area_id: str, programmes: Sequence[str], months: Sequence[str]) -> Scope:
        with self._intake.read() as view:
            owner = view.owners.get(area_id)
            if owner is None:
                raise NotFound("Không có đơn vị này: xem lại mã trong danh sách địa bàn.")
            communes = [owner.commune_id]
            if owner.kind == "province":
                communes = view.owners.below(area_id)
        alone = None if owner.kind in _BOTH else area_id
        asked = tuple(dict.fromkeys(programmes)), tuple(sorted(set(months)))
        return Scope(area_id, owner.name, tuple(communes), alone, *asked)

    def _columns(self, scope: Scope) -> tuple[Headed, ...]:
        """Return every column that any commune has, in the order in which periods begin."""
        found: dict[Headed, None] = {}
        for commune in scope.communes:
            for programme in scope.programmes:
                matrix = self._compliance.matrix(commune, programme, scope.months)
                found |= {Headed(programme, column): None for column in matrix.columns}
        return tuple(sorted(found, key=lambda each: (each.column.period, each.programme)))

    def _title(self, head: Headed) -> str:
        titles = self._uses.titles([head.programme])
        return titles.get((head.programme, head.column.duty), head.column.duty)

    # --- Tổng hợp ---------------------------------------------------------------------------------

    def _summarise(self, book: "Book", scope: Scope, columns: Sequence[Headed]) -> None:
        page = book.page("Tổng hợp", words.SUMMARY)
        for head in columns:
            asked = head.programme, head.column.duty, head.column.period, scope.area_id
            start = (self._uses.programme(head.programme).plan.title, self._title(head))
            start += (head.column.period_label,)
            whole = self._compliance.figures(*asked)
            page.add([*start, scope.name, scope.area_id, *_figures(whole)])
            if scope.owner_id is not None:
                continue
            for row in self._compliance.rollup(*asked):
                own = " (riêng)" if row.id == scope.area_id else ""  # not the sum above
                page.add([*start, row.name + own, row.id, *_figures(row.figures)])

    # --- Ma trận ----------------------------------------------------------------------------------

    def _draw_matrix(self, book: "Book", scope: Scope, columns: Sequence[Headed]) -> None:
        headings = [(f"{self._title(h)} · {h.column.period_label}", 14) for h in columns]
        page = book.page("Ma trận", [*words.OWNER, *headings])
        for commune in scope.communes:
            self._add_commune(page, scope, columns, commune)

    def _add_commune(
        self, page: "Page", scope: Scope, columns: Sequence[Headed], commune: str
    ) -> None:
        letters: dict[tuple[str, str], dict[Headed, str]] = {}
        for programme in scope.programmes:
            matrix = self._compliance.matrix(commune, programme, scope.months)
            heads = [Headed(programme, column) for column in matrix.columns]
            for row in matrix.rows:
                signs = (cell.letter for cell in row.cells)
                known = letters.setdefault((row.owner_id, row.owner_name), {})
                known |= dict(zip(heads, signs, strict=True))
        for (owner_id, name), signs in letters.items():
            if scope.owner_id in {None, owner_id}:
                cells = (Letter(signs.get(head, "")) for head in columns)
                page.add([owner_id, name, *cells])

    # --- Danh sách buổi ---------------------------------------------------------------------------

    def _list_sessions(self, book: "Book", scope: Scope) -> None:
        page = book.page("Danh sách buổi", words.SESSIONS)
        spans = [month_span(month) for month in scope.months]
        first, last = min(s.first for s in spans), max(s.last for s in spans)
        for commune in scope.communes:
            for view in self._sessions(commune, first, last):
                if scope.owner_id in {None, view.owner_id}:
                    page.add(_session(view))

    def _sessions(self, commune: str, first: date, last: date) -> Iterator[CheckInView]:
        after = (date.min, b"")
        while True:
            with self._intake.read() as view:
                rows = view.check_ins.listed(commune, first, last, after, _AT_ONCE)
                found = views(view, rows)
            yield from found
            if len(rows) < _AT_ONCE:
                return
            after = rows[-1].done_on, rows[-1].id

    # --- Định nghĩa -------------------------------------------------------------------------------

    def _define(self, book: "Book", scope: Scope) -> None:
        page = book.page("Định nghĩa", words.DEFINED)
        for word, meaning in words.DEFINITIONS:
            page.add([word, meaning])
        for programme in scope.programmes:
            plan = self._uses.programme(programme).plan
            source = plan.number or plan.basis or plan.status
            page.add(["Chương trình", f"{plan.title} ({source})"])
        page.add(["Địa bàn", f"{scope.name} ({scope.area_id})"])
        page.add(["Các tháng", f"{scope.months[0]} đến {scope.months[-1]}"])
        page.add(["Lập lúc", self._intake.clock.now()])


def _figures(figures: Figures) -> tuple[Cell, ...]:
    return (
        figures.expected, figures.exempt, figures.ended, figures.met, figures.timely,
        figures.approved, _share(figures.completeness), _share(figures.timeliness),
        _share(figures.on_time_share), _share(figures.verified_share),
    )  # fmt: skip


def _share(share: Share) -> Cell:
    return "—" if share.value is None else Percent(share.value)


def _session(view: CheckInView) -> tuple[Cell, ...]:
    filer = "Cán bộ" if view.filed_by.startswith("officer:") else "Tổ trưởng"
    return (
        view.owner_id, view.owner_name, _known(words.KINDS, [view.kind]),
        _known(words.KINDS, view.counts_as), view.done_on, view.place, view.people,
        view.households, view.chair, "; ".join(view.present), "; ".join(view.topics),
        view.opinions, view.slips, view.form, view.note, view.photos,
        _known(words.STATES, [view.state]), _known(words.FLAGS, view.flags), view.filed_at,
        f"{filer} (ghi hộ qua điện thoại)" if view.by_phone else filer,
        "có" if view.after_close else "",
    )  # fmt: skip


def _known(names: Mapping[str, str], keys: Sequence[str]) -> str:
    return ", ".join(names.get(key, key) for key in keys)
