"""How are terms told to people? In sentences of five languages, made of the same terms that decide: portal, mail and law agree."""

from goodword.core.wording.gifts import gift
from goodword.core.wording.kept import Heard, Told, Wording, mark_of, texts_of
from goodword.core.wording.messages import LANGUAGES
from goodword.core.wording.texts import (
    Paragraph,
    for_the_friend,
    paragraphs,
    paragraphs_in_pieces,
    plain_text,
    rule,
    rule_in_pieces,
    text_hash,
)
from goodword.core.wording.voice import Piece, Speaker

__all__ = [
    "LANGUAGES",
    "Heard",
    "Paragraph",
    "Piece",
    "Speaker",
    "Told",
    "Wording",
    "for_the_friend",
    "gift",
    "mark_of",
    "paragraphs",
    "paragraphs_in_pieces",
    "plain_text",
    "rule",
    "rule_in_pieces",
    "text_hash",
    "texts_of",
]
