"""The shipped table of provinces and communes: counts, checksums, names easy to confuse."""

import csv
import hashlib
import shutil
import tomllib
import unicodedata
from collections import defaultdict
from pathlib import Path

import pytest

from intake.country.vietnam_places import SHIPPED, Commune, Province, country, read_country
from intake.errors import BadFile
from intake.text import clean, fold

ALIKE = {
    ("19", "xã Văn Lang", "xã Văn Lăng"),
    ("31", "xã Cẩm Giang", "xã Cẩm Giàng"),
    ("51", "xã Ba Tô", "xã Ba Tơ"),
    ("51", "xã Sơn Hà", "xã Sơn Hạ"),
    ("75", "xã Lộc Thành", "xã Lộc Thạnh"),
    ("79", "xã Thanh An", "xã Thạnh An"),
    ("80", "xã Tân Thành", "xã Tân Thạnh"),
    ("82", "xã Tân Thành", "xã Tân Thạnh"),
}


def header(name: str) -> list[str]:
    with (SHIPPED / name).open(encoding="utf-8", newline="") as lines:
        return next(csv.reader(lines))


def test_the_country_has_34_provinces_and_3321_communes_of_three_kinds() -> None:
    kinds: dict[str, int] = defaultdict(int)
    for one in country().communes:
        kinds[one.kind] += 1
    assert len(country().provinces) == 34
    assert kinds == {"xã": 2621, "phường": 687, "đặc khu": 13}


def test_ha_noi_has_126_communes_and_hung_yen_104() -> None:
    counted = country().by_province()
    assert (counted["01"], counted["33"]) == (126, 104)
    assert sum(counted.values()) == 3321
    assert [one.kind for one in country().communes_of("01")].count("phường") == 51
    assert [one.kind for one in country().communes_of("33")].count("phường") == 11


def test_the_columns_are_those_that_the_loader_reads() -> None:
    assert header("provinces.csv") == list(Province._fields)
    assert header("communes.csv") == list(Commune._fields)


def test_every_code_is_official_in_form_and_stands_once() -> None:
    provinces = [one.code for one in country().provinces]
    communes = [one.code for one in country().communes]
    assert provinces == sorted(set(provinces))
    assert communes == sorted(set(communes))
    assert all(len(code) == 2 and code.isdecimal() for code in provinces)
    assert all(len(code) == 5 and code.isdecimal() for code in communes)
    assert {one.province for one in country().communes} == set(provinces)


def test_every_name_is_clean_begins_with_its_kind_and_is_folded_right() -> None:
    for one in (*country().provinces, *country().communes):
        assert one.name == clean(one.name) == unicodedata.normalize("NFC", one.name)
        assert one.name.startswith(f"{one.kind} ")
        assert one.folded == fold(one.name)


def test_eight_pairs_in_one_province_differ_by_tone_marks_alone() -> None:
    same: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in country().communes:
        same[one.province, one.folded].append(one.name)
    pairs = {(key[0], *sorted(names)) for key, names in same.items() if len(names) > 1}
    assert pairs == ALIKE


def test_places_that_changed_hands_stand_where_they_belong_now() -> None:
    """``vietnam.md`` 1.1: codes that an older list gives to another ward."""
    at = {one.code: (one.province, one.name) for one in country().communes}
    assert at["00226"] == ("01", "phường Văn Miếu - Quốc Tử Giám")
    assert at["19996"] == ("46", "phường Hương Trà")
    assert at["00004"] == ("01", "phường Ba Đình")


def test_the_tables_fit_their_checksums_and_tell_their_source() -> None:
    told = tomllib.loads((SHIPPED / "source.toml").read_text(encoding="utf-8"))
    for name in ("provinces.csv", "communes.csv"):
        assert hashlib.sha256((SHIPPED / name).read_bytes()).hexdigest() == told["sha256"][name]
    assert told["data_date"] == country().data_date >= country().valid_from
    assert "MIT" in told["licence"]
    assert "MIT License" in (SHIPPED / "LICENCE-vietnamadminunits.txt").read_text("utf-8")


@pytest.mark.parametrize("name", ["provinces.csv", "communes.csv", "source.toml"])
def test_a_table_that_was_changed_or_lost_is_not_read(tmp_path: Path, name: str) -> None:
    for lost in (False, True):
        folder = tmp_path / str(lost)
        shutil.copytree(SHIPPED, folder)
        if lost:
            (folder / name).unlink()
        else:
            (folder / name).write_bytes(b"x" + (folder / name).read_bytes())
        with pytest.raises(BadFile, match="cài lại"):
            read_country(folder)
