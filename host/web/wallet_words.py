"""The words of the wallet pages in the languages of the game; they stand in `wallet_words.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

LANGUAGES: Final = {"en": "English", "es": "Español", "zh": "中文"}
_TEXTS: Final[dict[str, dict[str, dict[str, str]]]] = json.loads(
    Path(__file__).with_suffix(".json").read_text(encoding="utf-8")
)


def language(asked: str, accepted: str) -> str:
    """One of LANGUAGES: what was asked for, else the first that a browser accepts, in the order of its header."""
    if asked in LANGUAGES:
        return asked
    for part in accepted[:200].split(","):
        known = part.split(";")[0].strip().lower()[:2]
        if known in LANGUAGES:
            return known
    return "en"


def words(chosen: str) -> dict[str, str]:
    """All words in one language."""
    return {key: texts[chosen] for key, texts in _TEXTS["words"].items()}


def refusal(chosen: str, code: str, message: str) -> str:
    """What a refusal says; in the host's own words where there are no others."""
    texts = _TEXTS["refusals"].get(code)
    return texts[chosen] if texts else message
