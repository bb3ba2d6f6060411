"""In which languages can terms be told? One catalogue of messages each, all with the same shapes and the same values."""

from __future__ import annotations

from collections.abc import Mapping

from goodword.core.wording.messages import ar, de, en, es, fr
from goodword.core.wording.numbers import Messages

CATALOGUES: Mapping[str, Messages] = {
    "en": en.MESSAGES,
    "de": de.MESSAGES,
    "es": es.MESSAGES,
    "fr": fr.MESSAGES,
    "ar": ar.MESSAGES,
}
LANGUAGES = tuple(CATALOGUES)
