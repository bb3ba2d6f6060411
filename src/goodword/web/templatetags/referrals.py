"""How do pages about referrals and people say an age, and carry saved views? Tags of these rooms only."""

from __future__ import annotations

from datetime import UTC, datetime

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from goodword.web import words

register = template.Library()


@register.filter
def age(at: datetime) -> SafeString:
    """How many days ago: 12 d."""
    days = (datetime.now(UTC) - at).days
    if days < 1:
        return words.text(_("today") if timezone.localtime(at).date() == timezone.localdate() else _("yesterday"))
    return words.bdi(ngettext("{} day", "{} days", days).format(days))
