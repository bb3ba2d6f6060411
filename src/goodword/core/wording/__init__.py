"""How are terms told to people? In sentences of five languages, made of the same terms that decide: portal, mail and law agree."""

from goodword.core.wording.gifts import gift
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
    "Paragraph",
    "Piece",
    "Speaker",
    "for_the_friend",
    "gift",
    "paragraphs",
    "paragraphs_in_pieces",
    "plain_text",
    "rule",
    "rule_in_pieces",
    "text_hash",
]
