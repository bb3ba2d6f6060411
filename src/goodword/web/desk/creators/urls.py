"""Where are creators, and where do people outside come in?"""

from __future__ import annotations

from django.urls import path

from goodword.web.desk.creators import deeds, outside, views

_ROOM = "c/<slug:slug>/creators"
_ONE = f"{_ROOM}/<crt:id>"
urlpatterns = [
    path(_ROOM, views.listed, name="creators"),
    path(f"{_ROOM}.csv", views.as_csv, name="creators_csv"),
    path(f"{_ROOM}.json", views.as_json, name="creators_json"),
    path(f"{_ROOM}/new", views.new, name="creator_new"),
    path(f"{_ROOM}/apply", deeds.apply, name="creator_apply"),
    path(f"{_ROOM}/brief/<prg:program>", deeds.brief_all, name="creators_brief"),
    path(_ONE, views.one, name="creator"),
    path(f"{_ONE}/vet", deeds.vet, name="creator_vet"),
    path(f"{_ONE}/offer", deeds.offer, name="creator_offer"),
    path(f"{_ONE}/link", deeds.link, name="creator_link"),
    path(f"{_ONE}/mail", deeds.mail, name="creator_mail"),
    path(f"{_ONE}/brief", deeds.brief, name="creator_brief"),
    path(f"{_ONE}/post", deeds.post, name="creator_post"),
    path(f"{_ONE}/disclose", deeds.disclose, name="creator_disclose"),
    path(f"{_ONE}/check", deeds.check, name="creator_check"),
    path(f"{_ONE}/turn", deeds.turn, name="creator_turn"),
    path(f"{_ONE}/forget", deeds.forget, name="creator_forget"),
    path("apply/<slug:slug>/<prg:program>", outside.apply, name="apply"),
    path("creator/<str:token>", outside.own, name="creator_own"),
]
