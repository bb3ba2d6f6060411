"""Which addresses has only a demo? Its clock for each client, and the way to an empty house and back."""

from __future__ import annotations

from django.urls import path

from goodword.web.desk.demo import views

urlpatterns = [
    path("c/<slug:slug>/clock", views.clock, name="demo_clock"),
    path("demo/clear", views.clear, name="demo_clear"),
    path("demo/fill", views.fill, name="demo_fill"),
]
