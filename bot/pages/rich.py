"""Turns a sentence of the wording into HTML: escaped first, then ``**bold**``, lines and bullets.

Whatever a person typed reaches a page through autoescape only, never through here unescaped.
"""

import re

from markupsafe import Markup, escape

_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_BULLET = "• "


def rich(text: str) -> Markup:
    """Return paragraphs and lists for a wording sentence."""
    html: list[str] = []
    in_list = False
    for line in filter(None, (line.strip() for line in text.split("\n"))):
        is_item = line.startswith(_BULLET)
        if is_item != in_list:
            html.append("<ul>" if is_item else "</ul>")
            in_list = is_item
        inner = _BOLD.sub(r"<strong>\1</strong>", str(escape(line.removeprefix(_BULLET))))
        html.append(f"<li>{inner}</li>" if is_item else f"<p>{inner}</p>")
    if in_list:
        html.append("</ul>")
    return Markup("".join(html))  # noqa: S704 - every line above was escaped
