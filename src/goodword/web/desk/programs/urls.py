"""Where are the programs of a client?"""

from __future__ import annotations

from django.urls import path

from goodword.web.desk.programs import backtest, views

urlpatterns = [
    path("c/<slug:slug>/programs", views.listed, name="programs"),
    path("c/<slug:slug>/programs.csv", views.as_csv, name="programs_csv"),
    path("c/<slug:slug>/programs.json", views.as_json, name="programs_json"),
    path("c/<slug:slug>/programs/<prg:program>", views.one, name="program"),
    path("c/<slug:slug>/programs/<prg:program>/backtest", backtest.home, name="program_backtest"),
    path("c/<slug:slug>/programs/<prg:program>/backtest/stop", backtest.stop, name="program_backtest_stop"),
    path("c/<slug:slug>/programs/<prg:program>/backtest.csv", backtest.as_csv, name="program_backtest_csv"),
    path("c/<slug:slug>/programs/<prg:program>/backtest.json", backtest.as_json, name="program_backtest_json"),
]
