"""How are terms told to people? In sentences of five languages, made of the same terms that decide: portal, mail and law agree."""

from goodword.core.wording.messages import LANGUAGES
from goodword.core.wording.texts import Paragraph, for_the_friend, paragraphs, plain_text, rule, text_hash

__all__ = ["LANGUAGES", "Paragraph", "for_the_friend", "paragraphs", "plain_text", "rule", "text_hash"]
