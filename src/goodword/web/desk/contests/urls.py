"""Where is the contest of a program?"""

from __future__ import annotations

from django.urls import path

from goodword.web.desk.contests import deeds, views

_AT = "c/<slug:slug>/programs/<prg:program>/contest"
urlpatterns = [
    path(_AT, views.shown, name="contest"),
    path(f"{_AT}.csv", views.as_csv, name="contest_csv"),
    path(f"{_AT}.json", views.as_json, name="contest_json"),
    path(f"{_AT}/freeze", deeds.freeze, name="contest_freeze"),
    path(f"{_AT}/award", deeds.award, name="contest_award"),
    path(f"{_AT}/accept", deeds.accept, name="contest_accept"),
    path(f"{_AT}/disqualify", deeds.disqualify, name="contest_disqualify"),
    path(f"{_AT}/called", deeds.called, name="contest_called"),
]
