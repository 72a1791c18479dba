"""The residents' pages: complete in every language, escaped, readable, without inline anything."""

import re
from itertools import product
from typing import Any

import pytest

from bot.pages import HERE, LANGUAGE_NAMES, read_texts, static_files
from bot.pages.rich import rich
from bot.promises import CONDITIONS

TEMPLATES = sorted((HERE / "templates").glob("*.html"))
SCRIPTS = sorted((HERE / "static").glob("*.js"))
STYLES = {path.name: path.read_text() for path in (HERE / "static").glob("*.css")}


def flat(table: dict[str, Any], before: str = "") -> dict[str, str]:
    """Return every word of a page's table under its whole name."""
    found: dict[str, str] = {}
    for key, value in table.items():
        match value:
            case dict():
                found |= flat(value, f"{before}{key}.")
            case list():
                for at, one in enumerate(value):
                    found |= flat(
                        one if isinstance(one, dict) else {"": one}, f"{before}{key}.{at}."
                    )
            case _:
                found[f"{before}{key}"] = value
    return found


def test_every_language_has_the_same_words_and_the_same_values_in_them() -> None:
    texts = {code: flat(read_texts(code)) for code in LANGUAGE_NAMES}
    vietnamese = {key: text for key, text in texts["vi"].items() if not key.startswith("promises.")}
    for found in texts.values():
        assert {k for k in found if not k.startswith("promises.")} == set(vietnamese)
        for key, text in vietnamese.items():
            assert re.findall(r"\{\w+\}", text) == re.findall(r"\{\w+\}", found[key]), key


def test_every_promise_on_a_page_is_held_against_a_known_condition() -> None:
    for conditions in read_texts("vi")["promises"].values():
        assert set(conditions) <= set(CONDITIONS)


def test_no_page_promises_what_cannot_be_promised() -> None:
    for code in LANGUAGE_NAMES:
        told = " ".join(flat(read_texts(code)).values()).lower()
        assert not re.search(r"tuyệt đối|100 ?%|không ai có thể biết|absolutely|guarantee", told)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_inline_script_style_or_another_site(path: Any) -> None:
    source = path.read_text()
    assert not re.search(r"\son\w+=|\sstyle=|<style|javascript:|\|\s*safe", source)
    assert not re.search(r"<script(?![^>]*src=)", source)
    assert not re.search(r"(?:src|href|action)=\"https?:", source)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_small_and_put_no_markup_on_a_page(path: Any) -> None:
    source = path.read_text()
    assert len(source.splitlines()) <= 150
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", source)
    assert "localStorage" not in source


def test_styles_fetch_nothing_and_name_no_colour_outside_the_palette() -> None:
    for name, source in STYLES.items():
        assert "url(" not in source
        assert "@import" not in source
        if name != "palette.css":
            assert not re.findall(r"#[0-9a-f]{3,8}\b", source, re.IGNORECASE)


def test_static_files_are_in_memory_with_their_types() -> None:
    files = static_files()
    assert files["page.css"][1].startswith("text/css")
    assert {name.rpartition(".")[2] for name in files} == {"css", "js", "svg"}


# --- readable -------------------------------------------------------------------------------------


def _palette(dark: bool) -> dict[str, str]:
    light, _, night = STYLES["palette.css"].partition("@media")
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", night if dark else light))


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_words_and_edges_stand_out_enough_in_light_and_dark(dark: bool) -> None:
    colours = _palette(dark)
    grounds = [colours[name] for name in ("paper", "card", "wash")]
    for word, ground in product(("ink", "soft", "accent"), grounds):
        assert _contrast(colours[word], ground) >= 4.5, (word, ground)
    assert _contrast(colours["on-accent"], colours["accent"]) >= 4.5
    for ground in grounds[:2]:
        assert _contrast(colours["edge"], ground) >= 3, ground


def test_text_is_never_smaller_than_eighteen_pixels() -> None:
    for source in STYLES.values():
        for size in re.findall(r"font-size: ([\d.]+)rem", source):
            assert float(size) >= 1
        assert not re.findall(r"font-size: [\d.]+px", source)
        assert "html {" not in source or "font-size: 112.5%" in source


# --- rich text ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("một **hai** ba", "<p>một <strong>hai</strong> ba</p>"),
        ("một\nhai", "<p>một</p><p>hai</p>"),
        (
            "Có:\n• một\n• **b**\nhết",
            "<p>Có:</p><ul><li>một</li><li><strong>b</strong></li></ul><p>hết</p>",
        ),
        ("<b>**x**</b> & 'y'", "<p>&lt;b&gt;<strong>x</strong>&lt;/b&gt; &amp; &#39;y&#39;</p>"),
        ("2 ** 3 ** 4", "<p>2 ** 3 ** 4</p>"),
        ("", ""),
    ],
)  # fmt: skip
def test_sentences_become_paragraphs_lists_and_bold(text: str, html: str) -> None:
    assert str(rich(text)) == html
