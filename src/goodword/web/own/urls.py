"""Addresses of what is a person's own."""

from __future__ import annotations

from django.urls import path

from goodword.web.own import drafts, look, session, styleguide, views

urlpatterns = [
    path("look", look.look, name="look"),
    path("session-left", session.left, name="session_left"),
    path("settings", look.page_of_settings, name="settings"),
    path("styleguide", styleguide.styleguide, name="styleguide"),
    path("c/<slug:slug>/views", views.keep, name="view_keep"),
    path("c/<slug:slug>/views/drop", views.drop, name="view_drop"),
    path("c/<slug:slug>/draft", drafts.draft, name="draft"),
]
