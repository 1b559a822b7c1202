"""Reads the translations that packages ship. Their bytes are hostile until read."""

from __future__ import annotations

import ast

MAX_TEXTS = 2000


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
        parts[field] += _unquoted(text)
    return texts


def _unquoted(text: str) -> str:
    """A C-style quoted string; anything else counts as empty."""
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return ""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return ""
    return value if isinstance(value, str) else ""
