"""Writes what stands in a commune as a list, to be changed in a spreadsheet and taken in again.

Taken in unchanged, it changes nothing. No cell begins like a formula.
"""

import csv
import io
from datetime import date

from intake.country.area_words import COLUMNS
from storage.areas import AreaRow
from storage.organisations import OrganisationRow
from storage.unit_of_work import View

_FORMULA = ("=", "+", "-", "@", "\t")


def as_csv(view: View, area_id: str, today: date) -> str:
    """Return the columns, and a line for each neighbourhood and organisation of a commune.

    Above a commune there are too many to hand out in a page: the columns alone.
    """
    area = view.areas.get(area_id)
    written = io.StringIO(newline="")
    lines = csv.DictWriter(written, COLUMNS, restval="")
    lines.writeheader()
    if area is not None and area.level == "commune":
        for row in (*view.areas.inside([area_id]), *view.organisations.inside([area_id])):
            if row.valid_to is None or row.valid_to > today:
                lines.writerow(_cells(area_id, row))
    return written.getvalue()


def _cells(area_id: str, row: AreaRow | OrganisationRow) -> dict[str, object]:
    name = f"'{row.name}" if row.name.startswith(_FORMULA) else row.name
    told: dict[str, object] = {
        "ward_code": area_id,
        "own_code": row.id.removeprefix(f"{area_id}-"),
        "unit_name": name,
        "kind": row.kind,
        "valid_from": row.valid_from.isoformat(),
        "valid_to": row.valid_to.isoformat() if row.valid_to else "",
    }
    if isinstance(row, AreaRow):
        told["households"] = "" if row.households is None else row.households
        told["population"] = "" if row.population is None else row.population
    return told
