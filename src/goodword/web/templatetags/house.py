"""How do templates speak of roles?"""

from __future__ import annotations

from django import template

from goodword.actions.permissions import GIVEN
from goodword.web.desk.users.words import role_name

register = template.Library()


@register.simple_tag
def see_as_roles() -> list[tuple[str, str]]:
    """The roles as which the desk can be seen."""
    return [(role, role_name(role)) for role in GIVEN]


@register.simple_tag
def role_word(role: str) -> str:
    """A role by its name."""
    return role_name(role)
