"""The shipped table of the country: 34 provinces, 3,321 communes, with their official codes.

Read from ``intake/country/vietnam/`` and from nowhere else: no address leaves this machine to be
looked up. Eight pairs of communes in one province differ by tone marks alone, so a folded name is
never taken for a place; a code is.
"""

import csv
import hashlib
import io
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from intake.errors import BadFile

SHIPPED = Path(__file__).with_name("vietnam")


class Province(NamedTuple):
    """A province or city; ``name`` carries its kind: "tỉnh Hưng Yên"."""

    code: str
    kind: str
    name: str
    folded: str


class Commune(NamedTuple):
    """A xã, phường or đặc khu; ``name`` carries its kind."""

    code: str
    province: str
    kind: str
    name: str
    folded: str


@dataclass(frozen=True, slots=True)
class Country:
    """Every province and commune, by code, and the day that the table tells of."""

    provinces: tuple[Province, ...]
    communes: tuple[Commune, ...]
    data_date: date
    valid_from: date

    def communes_of(self, province: str) -> tuple[Commune, ...]:
        """Return the communes of a province, by code."""
        return tuple(one for one in self.communes if one.province == province)

    def by_province(self) -> Mapping[str, int]:
        """Return how many communes each province has, by code."""
        counted = Counter(one.province for one in self.communes)
        return {one.code: counted[one.code] for one in self.provinces}


@lru_cache(maxsize=1)
def country() -> Country:
    """Return the shipped table.

    Raises:
        BadFile: a table is not the one that ``source.toml`` tells of.
    """
    return read_country(SHIPPED)


def read_country(folder: Path) -> Country:
    """Read the tables in a folder and hold them against the checksums beside them.

    Raises:
        BadFile: a table is missing, or is not the one that ``source.toml`` tells of.
    """
    try:
        told = tomllib.loads((folder / "source.toml").read_text(encoding="utf-8"))
        return Country(
            provinces=tuple(map(Province._make, _rows(folder, "provinces.csv", told["sha256"]))),
            communes=tuple(map(Commune._make, _rows(folder, "communes.csv", told["sha256"]))),
            data_date=told["data_date"],
            valid_from=told["valid_from"],
        )
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        raise _changed("source.toml") from None


def _rows(folder: Path, name: str, sums: Mapping[str, str]) -> Iterator[list[str]]:
    body = (folder / name).read_bytes()
    if hashlib.sha256(body).hexdigest() != sums[name]:
        raise _changed(name)
    lines = csv.reader(io.StringIO(body.decode("utf-8"), newline=""))
    next(lines)
    return lines


def _changed(name: str) -> BadFile:
    return BadFile(f"{name}: không đúng bản đã phát hành; cách sửa: cài lại phần mềm")
