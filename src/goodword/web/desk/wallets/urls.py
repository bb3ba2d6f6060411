"""Addresses of wallets."""

from __future__ import annotations

from django.urls import path

from goodword.web.desk.wallets import views

urlpatterns = [
    path("c/<slug:slug>/wallets", views.wallets, name="wallets"),
    path("c/<slug:slug>/wallets/<prs:id>", views.wallet, name="wallet"),
    path("c/<slug:slug>/wallets/<prs:id>/redeem", views.redeem, name="wallet_redeem"),
    path("c/<slug:slug>/wallets/<prs:id>/cancel", views.cancel, name="wallet_cancel"),
]
