"""How are terms told to people? In sentences of five languages, made of the same terms that decide: portal, mail and law agree."""

from goodword.core.wording.gifts import gift
from goodword.core.wording.messages import LANGUAGES
from goodword.core.wording.texts import Paragraph, for_the_friend, paragraphs, plain_text, rule, text_hash
from goodword.core.wording.voice import Speaker

__all__ = [
    "LANGUAGES",
    "Paragraph",
    "Speaker",
    "for_the_friend",
    "gift",
    "paragraphs",
    "plain_text",
    "rule",
    "text_hash",
]
