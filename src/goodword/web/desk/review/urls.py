"""Where does the room Review stand?"""

from __future__ import annotations

from django.urls import path

from goodword.web.desk.review import aside, item, many, queue, signals

urlpatterns = [
    path("c/<slug:slug>/review", queue.home, name="review"),
    path("c/<slug:slug>/review.csv", queue.as_csv, name="review_csv"),
    path("c/<slug:slug>/review.json", queue.as_json, name="review_json"),
    path("c/<slug:slug>/review/next", queue.serve_next, name="review_next"),
    path("c/<slug:slug>/review/signals", signals.home, name="review_signals"),
    path("c/<slug:slug>/review/signals/<prg:program>/<slug:signal>", signals.one, name="review_signal"),
    path("c/<slug:slug>/review/many", many.ask_first, name="review_many"),
    path("c/<slug:slug>/review/many/decide", many.decide, name="review_many_decide"),
    path("c/<slug:slug>/review/many/<uuid:job>", many.outcome, name="review_job"),
    path("c/<slug:slug>/review/many/<uuid:job>/undo", many.undo, name="review_job_undo"),
    path("c/<slug:slug>/review/<ref:id>", item.show, name="review_item"),
    path("c/<slug:slug>/review/<ref:id>/decide", item.decide, name="review_decide"),
    path("c/<slug:slug>/review/<ref:id>/undo", item.undo, name="review_undo"),
    path("c/<slug:slug>/review/<ref:id>/pause", aside.pause, name="review_pause"),
    path("c/<slug:slug>/review/<ref:id>/resume", aside.resume, name="review_resume"),
    path("c/<slug:slug>/review/<ref:id>/transfer", aside.transfer, name="review_transfer"),
    path("c/<slug:slug>/review/<ref:id>/call-back", aside.call_back, name="review_call_back"),
    path("c/<slug:slug>/review/<ref:id>/message", aside.message, name="review_message"),
]
