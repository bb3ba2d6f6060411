"""How do the forms of a new client look? A field, a gift, and the brand as it will stand on pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.inclusion_tag("goodword/clients/field.html")
def first_field(
    name: str, label: str, typed: Mapping[str, str], wrong: Mapping[str, str], hint: str = "", unit: str = ""
) -> dict[str, Any]:
    """A field with its label, hint and refusal."""
    return {"name": name, "label": label, "value": typed.get(name, ""), "wrong": wrong.get(name, ""), "hint": hint,
            "unit": unit}  # fmt: skip


@register.inclusion_tag("goodword/clients/gift.html")
def first_gift(
    side: str, kinds: list[tuple[str, Any]], typed: Mapping[str, str], wrong: Mapping[str, str], unit: str
) -> dict[str, Any]:
    """What one side gets: the kind, the amount, and the most of a share."""
    return {
        "side": side,
        "kinds": kinds,
        "kind": typed.get(f"kind_{side}", ""),
        "give": typed.get(f"give_{side}", ""),
        "most": typed.get(f"most_{side}", ""),
        "wrong_give": wrong.get(f"give_{side}", ""),
        "wrong_most": wrong.get(f"most_{side}", ""),
        "unit": unit,
    }


@register.simple_tag
def brand_sample(colour: str, text: str, name: str) -> SafeString:
    """The colour with text on it, and as text on white: a drawing, for the content security policy lets no style in."""
    return format_html(
        '<svg class="sample" viewBox="0 0 320 44" width="320" height="44" role="img" aria-label="{0}">'
        '<rect width="158" height="44" rx="6" fill="{1}"/><text x="14" y="27" font-size="15" font-weight="600" fill="{2}">{3}</text>'
        '<rect x="162" width="158" height="44" rx="6" fill="#ffffff" stroke="#85817a"/>'
        '<text x="176" y="27" font-size="15" font-weight="600" fill="{1}">{3}</text></svg>',
        colour, colour, text, name[:16] or "Aa",
    )  # fmt: skip
