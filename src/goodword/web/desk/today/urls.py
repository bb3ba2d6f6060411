"""Where does Today stand? Over all clients that the person serves."""

from __future__ import annotations

from django.urls import path

from goodword.web.desk.today import views

urlpatterns = [
    path("today", views.today, name="today"),
    path("today/start", views.start, name="today_start"),
]
