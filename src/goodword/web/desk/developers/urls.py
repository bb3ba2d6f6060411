"""Where do developers work? Keys and a place to try an event, and the events with their inspector."""

from __future__ import annotations

from django.urls import path

from goodword.web.desk.developers import events, inspector, keys, room

urlpatterns = [
    path("c/<slug:slug>/developers", room.home, name="developers"),
    path("c/<slug:slug>/developers/try", room.attempt, name="event_try"),
    path("c/<slug:slug>/developers/keys", keys.create, name="key_create"),
    path("c/<slug:slug>/developers/keys/<key:id>/roll", keys.roll, name="key_roll"),
    path("c/<slug:slug>/developers/keys/<key:id>/revoke", keys.revoke, name="key_revoke"),
    path("c/<slug:slug>/events", events.events, name="events"),
    path("c/<slug:slug>/events.csv", events.events_csv, name="events_csv"),
    path("c/<slug:slug>/events.json", events.events_json, name="events_json"),
    path("c/<slug:slug>/events/replay", events.replay, name="events_replay"),
    path("c/<slug:slug>/events/<evt:id>", inspector.event, name="event"),
    path("c/<slug:slug>/events/<evt:id>.json", inspector.event_json, name="event_json"),
    path("c/<slug:slug>/events/<evt:id>/body", inspector.body, name="event_body"),
    path("c/<slug:slug>/events/<evt:id>/retry", inspector.retry, name="event_retry"),
]
