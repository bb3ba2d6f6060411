"""Where are clients listed, made and set?"""

from __future__ import annotations

from django.urls import path

from goodword.web.desk.clients import first, new, views

urlpatterns = [
    path("clients", views.listed, name="clients"),
    path("clients.csv", views.as_csv, name="clients_csv"),
    path("clients.json", views.as_json, name="clients_json"),
    path("clients/new", new.client_new, name="client_new"),
    path("c/<slug:slug>/client", views.one, name="client"),
    path("c/<slug:slug>/start/key", first.key, name="client_key"),
    path("c/<slug:slug>/start/program", first.program, name="client_program"),
    path("c/<slug:slug>/start/referral", first.referral, name="client_referral"),
]
