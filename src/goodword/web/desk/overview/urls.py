"""Where does the overview stand? The page, its files, and the rows behind each number."""

from __future__ import annotations

from django.urls import path

from goodword.store.reads.behind import NUMBERS
from goodword.web.desk.overview import clicks, views

_HERE = "c/<slug:slug>/overview"

urlpatterns = [
    path(_HERE, views.overview, name="overview"),
    path(f"{_HERE}.csv", views.overview_csv, name="overview_csv"),
    path(f"{_HERE}.json", views.overview_json, name="overview_json"),
    path(f"{_HERE}/clicks", clicks.clicks, name="overview_clicks"),
    *(path(f"{_HERE}/{one}", views.overview_behind, {"number": one}, name=f"overview_{one}") for one in NUMBERS),
    *(
        path(f"{_HERE}/{one}.csv", views.overview_behind_csv, {"number": one}, name=f"overview_{one}_csv")
        for one in NUMBERS
    ),
]
