"""Where does the audit room stand? Once for each client, once for the house."""

from __future__ import annotations

from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from goodword.web.desk.audit import views
from goodword.web.desk.audit.log import of_client, of_house

_PAGES = (
    ("", "audit", views.home, require_GET),
    (".csv", "audit_csv", views.acts_csv, require_GET),
    (".json", "audit_json", views.acts_json, require_GET),
    ("/verify", "audit_verify", views.verify, require_POST),
    ("/verifying", "audit_verifying", views.verifying, require_GET),
    ("/find", "audit_find", views.find, require_POST),
    ("/leaves/<str:leaf>", "audit_leaf", views.leaf, require_GET),
    ("/checkpoints", "audit_checkpoints", views.checkpoints, require_GET),
    ("/checkpoints/<int:size>", "audit_checkpoint", views.checkpoint, require_GET),
    ("/checkpoints/<int:size>.txt", "audit_checkpoint_note", views.checkpoint_note, require_GET),
    ("/pack", "audit_pack", views.pack, require_POST),
)
urlpatterns = [
    *(path(f"c/<slug:slug>/audit{end}", method(of_client(view)), name=name) for end, name, view, method in _PAGES),
    *(path(f"audit{end}", method(of_house(view)), name=f"house_{name}") for end, name, view, method in _PAGES),
]
