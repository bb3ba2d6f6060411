"""Where are the programs of a client?"""

from __future__ import annotations

from django.urls import path

from goodword.web.desk.programs import approving, backtest, publishing, texts, version_deeds, versions, views

urlpatterns = [
    path("c/<slug:slug>/programs", views.listed, name="programs"),
    path("c/<slug:slug>/programs.csv", views.as_csv, name="programs_csv"),
    path("c/<slug:slug>/programs.json", views.as_json, name="programs_json"),
    path("c/<slug:slug>/programs/<prg:program>", views.one, name="program"),
    path("c/<slug:slug>/programs/<prg:program>/backtest", backtest.home, name="program_backtest"),
    path("c/<slug:slug>/programs/<prg:program>/backtest/stop", backtest.stop, name="program_backtest_stop"),
    path("c/<slug:slug>/programs/<prg:program>/backtest.csv", backtest.as_csv, name="program_backtest_csv"),
    path("c/<slug:slug>/programs/<prg:program>/backtest.json", backtest.as_json, name="program_backtest_json"),
    path("c/<slug:slug>/programs/<prg:program>/versions", versions.listed, name="program-versions"),
    path("c/<slug:slug>/programs/<prg:program>/versions/<int:version>", publishing.one, name="program-publish"),
    path("c/<slug:slug>/programs/<prg:program>/versions/<int:version>/texts", texts.one, name="program-texts"),
    path("c/<slug:slug>/programs/<prg:program>/versions/<int:version>/texts.txt", texts.as_file, name="program-text"),
    path("c/<slug:slug>/programs/<prg:program>/versions/publish", version_deeds.finish, name="program-finish"),
    path("c/<slug:slug>/programs/<prg:program>/versions/withdraw", version_deeds.withdraw, name="program-withdraw"),
    path("c/<slug:slug>/programs/<prg:program>/versions/approve", version_deeds.approve, name="program-approve"),
    path("c/<slug:slug>/programs/<prg:program>/versions/stop", version_deeds.stop, name="program-stop"),
    path("c/<slug:slug>/programs/<prg:program>/versions/ask", version_deeds.ask_approval, name="program-ask"),
    path("c/<slug:slug>/programs/<prg:program>/versions/back", version_deeds.back, name="program-rollback"),
    path("c/<slug:slug>/programs/<prg:program>/versions/rules", version_deeds.rules, name="program-rules"),
    path("approve/<str:token>", approving.one, name="approve"),
]
