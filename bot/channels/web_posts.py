"""What a post of the web form means to the dialogue: its name and its answers."""

import hashlib
import secrets

from bot.forms import Form
from bot.pages.screens import TYPED


def name_of(form: Form) -> str:
    """Return what tells a post that a browser repeats from a new one.

    Only where the repeat would keep something twice; any other post is new whenever it comes.
    """
    if not form.pictures and form.get("go") != "add":
        return secrets.token_hex(8)
    content = hashlib.blake2b(digest_size=16)
    words = [f"{name}={value}".encode() for name, value in sorted(form.fields.items())]
    for piece in (*words, *form.pictures):
        content.update(len(piece).to_bytes(8) + piece)
    return content.hexdigest()


def answers_of(form: Form) -> dict[str, str]:
    """Return the form's answers; a page with buttons, a picture or one box of words has none.

    A client that wants no second page asks with ``go=send``; the tip then goes at once, unless
    something has to be asked or told first.
    """
    go = form.get("go")
    if form.get("choice") or form.get("drop") or go not in ("review", "send"):
        return {}
    answers = {name: form.get(name) for name in TYPED if name in form.fields}
    if answers.get("place", "").strip():
        answers.pop("area", None)
    return {**answers, "send": "1"} if go == "send" else answers
