"""Addresses of the room of referrals, and of the search box."""

from __future__ import annotations

from django.urls import path

from goodword.web.desk import search
from goodword.web.desk.referrals import columns, entry, over_all, views

urlpatterns = [
    path("all/referrals", over_all.all_referrals, name="all_referrals"),
    path("all/referrals.csv", over_all.all_referrals_csv, name="all_referrals_csv"),
    path("all/referrals.json", over_all.all_referrals_json, name="all_referrals_json"),
    path("c/<slug:slug>/referrals", views.referrals, name="referrals"),
    path("c/<slug:slug>/referrals.csv", views.referrals_csv, name="referrals_csv"),
    path("c/<slug:slug>/referrals.json", views.referrals_json, name="referrals_json"),
    path("c/<slug:slug>/referrals/chosen", views.referrals_chosen, name="referrals_chosen"),
    path("c/<slug:slug>/referrals/columns", columns.referrals_columns, name="referrals_columns"),
    path("c/<slug:slug>/referrals/new", entry.referral_new, name="referral_new"),
    path("c/<slug:slug>/referrals/new/known", entry.referral_known, name="referral_known"),
    path("c/<slug:slug>/search", search.search, name="search"),
]
