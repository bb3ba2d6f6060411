"""How are changes of cost written? With their sign, and one place behind the point."""

from __future__ import annotations

from django import template
from django.utils.formats import number_format

register = template.Library()


@register.filter
def signed(percent: float) -> str:
    """+12.5, −3 (with a true minus) or 0, as the reader's language writes numbers."""
    rounded = round(percent, 1)
    sign = "+" if rounded > 0 else "−" if rounded < 0 else ""
    places = 0 if rounded == int(rounded) else 1
    return f"{sign}{number_format(abs(rounded), places)}"
