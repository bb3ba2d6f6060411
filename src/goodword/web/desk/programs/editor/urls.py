"""Where is a program's next version begun, written, tested and talked about?"""

from __future__ import annotations

from django.urls import path

from goodword.web.desk.programs.editor import remarks, starting, testing, views

urlpatterns = [
    path("c/<slug:slug>/programs/new", starting.new, name="program-new"),
    path("c/<slug:slug>/programs/<prg:program>/edit", views.edit, name="program-edit"),
    path("c/<slug:slug>/programs/<prg:program>/edit/look", views.look, name="program-edit-look"),
    path("c/<slug:slug>/programs/<prg:program>/edit/document", views.document, name="program-edit-document"),
    path("c/<slug:slug>/programs/<prg:program>/edit/discard", views.discard, name="program-edit-discard"),
    path("c/<slug:slug>/programs/<prg:program>/edit/test", testing.test, name="program-edit-test"),
    path("c/<slug:slug>/programs/<prg:program>/edit/keep", testing.keep, name="program-edit-keep"),
    path("c/<slug:slug>/programs/<prg:program>/edit/say", remarks.say, name="program-edit-say"),
    path("c/<slug:slug>/programs/<prg:program>/edit/done", remarks.done, name="program-edit-done"),
]
