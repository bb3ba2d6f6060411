"""Addresses of one referral."""

from __future__ import annotations

from django.urls import path

from goodword.web.desk.story import views

urlpatterns = [path("c/<slug:slug>/referrals/<ref:id>", views.referral, name="referral")]
