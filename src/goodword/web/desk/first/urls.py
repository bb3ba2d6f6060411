"""Where do the first steps stand? One page, the button that puts it away, and the payment of one reward."""

from __future__ import annotations

from django.urls import path

from goodword.web.desk.first import views

urlpatterns = [
    path("first-steps", views.first_steps, name="first_steps"),
    path("first-steps/away", views.away, name="first_steps_away"),
    path("c/<slug:slug>/rewards/<rwd:id>/sent", views.sent, name="reward_sent"),
]
