"""Reads the translations that packages ship. Their bytes are hostile until read."""

from __future__ import annotations

import re

MAX_TEXTS = 2000
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")
_MEANS = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


def read_texts(data: bytes) -> dict[str, str]:
    """Translations by their original text; entries that are empty or malformed are left out.

    Format: GNU gettext manual, "The Format of PO Files"; plural forms and contexts are passed over.
    """
    texts: dict[str, str] = {}
    parts = {"msgid": "", "msgstr": ""}
    field = ""
    for line in [*data.decode("utf-8", "replace").splitlines(), 'msgid ""']:
        keyword, _, rest = line.strip().partition(" ")
        if keyword == "msgid":
            if parts["msgid"] and parts["msgstr"] and len(texts) < MAX_TEXTS:
                texts[parts["msgid"]] = parts["msgstr"]
            parts = {"msgid": "", "msgstr": ""}
        if keyword in parts:
            field, text = keyword, rest
        elif keyword.startswith('"') and field:
            text = line.strip()
        else:
            field = ""
            continue
        parts[field] += _unquoted(text.strip())
    return texts


def _unquoted(text: str) -> str:
    """A C-style quoted string; anything else counts as empty. Unknown escapes stand for their character."""
    found = _QUOTED.fullmatch(text)
    return "" if found is None else _ESCAPED.sub(lambda m: _MEANS.get(m[1], m[1]), found[1])
