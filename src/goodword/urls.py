"""Which address leads to which page? Everything of a client stands under /c/<client>/ and runs inside its scope."""

from __future__ import annotations

from django.urls import include, path

from goodword.web import converters, sign_in
from goodword.web.desk import listening

converters.register()

urlpatterns = [
    path("", include("goodword.api.urls")),
    path("", include("goodword.web.desk.clients.urls")),
    path("", sign_in.home, name="home"),
    path("", include("goodword.web.door.urls")),
    path("", include("goodword.web.own.urls")),
    path("", include("goodword.web.desk.audit.urls")),
    path("", include("goodword.web.desk.developers.urls")),
    path("", include("goodword.web.desk.system.urls")),
    path("", include("goodword.web.desk.today.urls")),
    path("", include("goodword.web.desk.overview.urls")),
    path("", include("goodword.web.desk.review.urls")),
    path("c/<slug:slug>/live", listening.listen, name="live"),
    path("all/live", listening.listen_to_all, name="live_all"),
    path("", include("goodword.web.desk.first.urls")),
    path("", include("goodword.web.desk.demo.urls")),
    path("", include("goodword.web.desk.users.urls")),
    path("", include("goodword.web.desk.programs.editor.urls")),
    path("", include("goodword.web.desk.contests.urls")),
    path("", include("goodword.web.desk.programs.urls")),
    path("", include("goodword.web.desk.referrals.urls")),
    path("", include("goodword.web.desk.story.urls")),
    path("", include("goodword.web.desk.people.urls")),
    path("", include("goodword.web.desk.wallets.urls")),
    path("", include("goodword.web.desk.creators.urls")),
]

handler400 = "goodword.web.errors.bad_request"
handler403 = "goodword.web.errors.forbidden"
handler404 = "goodword.web.errors.not_found"
handler500 = "goodword.web.errors.failed"
