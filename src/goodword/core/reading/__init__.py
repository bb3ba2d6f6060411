"""How do a document's words become terms? One chapter a part; `read_terms` is the way in."""

from goodword.core.reading.whole import read_terms

__all__ = ["read_terms"]
