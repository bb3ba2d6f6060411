"""What may each role do? The ONE table of permissions as a page, for everybody who is signed in."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from goodword.actions.permissions import GIVEN, ROLES, May
from goodword.web.desk.door import asking_house
from goodword.web.desk.users.words import ROLE_HINTS, role_name
from goodword.web.shell import Desk


@require_GET
@asking_house(None)
def permissions(desk: Desk, request: HttpRequest) -> HttpResponseBase:
    """Every permission by every role; one's own roles are marked."""
    own = desk.house.union(*(one.roles for one in desk.served))
    only = request.GET.get("role", "")
    context = {
        "roles": [(role, role_name(role), ROLE_HINTS[role], role in own) for role in GIVEN],
        "lines": [(may.value, _(may.says), [(role_name(role), may in ROLES[role]) for role in GIVEN]) for may in May
                  if only not in ROLES or may in ROLES[only]],
        "only": only if only in GIVEN else "",
    }  # fmt: skip
    return TemplateResponse(request, "goodword/users/permissions.html", context)
