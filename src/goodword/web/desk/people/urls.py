"""Addresses of people."""

from __future__ import annotations

from django.urls import path

from goodword.web.desk.people import claim, views

urlpatterns = [
    path("c/<slug:slug>/people", views.people, name="people"),
    path("c/<slug:slug>/people/<prs:id>", views.person, name="person"),
    path("c/<slug:slug>/events/<evt:id>/person", views.of_event, name="event_person"),
    path("c/<slug:slug>/people/<prs:id>/contact", views.reveal, name="person_reveal"),
    path("c/<slug:slug>/people/<prs:id>/referrer", claim.claim, name="person_claim"),
]
