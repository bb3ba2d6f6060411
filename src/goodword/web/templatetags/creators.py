"""What was typed for a value of a contract?"""

from __future__ import annotations

from collections.abc import Mapping

from django import template

register = template.Library()


@register.simple_tag
def typed_value(typed: Mapping[str, str], field: str) -> str:
    """What stood in that field before it was refused."""
    return typed.get(field, "")
