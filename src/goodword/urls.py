"""Which address leads to which page? Everything of a client stands under /c/<client>/ and runs inside its scope."""

from __future__ import annotations

from django.urls import path, register_converter

from goodword.web import sign_in
from goodword.web.desk import lists, pages


class _Prefixed:
    """An id with its prefix in the address, bare in the code."""

    prefix = ""
    regex = ""

    def to_python(self, value: str) -> str:
        return value.removeprefix(self.prefix)

    def to_url(self, value: str) -> str:
        return f"{self.prefix}{value.replace('-', '')}"


class ReferralId(_Prefixed):
    """ref_ and 32 hex digits."""

    prefix = "ref_"
    regex = "ref_[0-9a-f]{32}"


class EventId(_Prefixed):
    """evt_ and 32 hex digits."""

    prefix = "evt_"
    regex = "evt_[0-9a-f]{32}"


register_converter(ReferralId, "ref")
register_converter(EventId, "evt")

urlpatterns = [
    path("", sign_in.home, name="home"),
    path("sign-in", sign_in.sign_in, name="sign_in"),
    path("sign-out", sign_in.sign_out, name="sign_out"),
    path("welcome/<str:token>", sign_in.welcome, name="welcome"),
    path("look", sign_in.look, name="look"),
    path("c/<slug:slug>/referrals", lists.referrals, name="referrals"),
    path("c/<slug:slug>/referrals.csv", lists.referrals_csv, name="referrals_csv"),
    path("c/<slug:slug>/search", lists.search, name="search"),
    path("c/<slug:slug>/referrals/<ref:id>", pages.referral, name="referral"),
    path("c/<slug:slug>/events", pages.events, name="events"),
    path("c/<slug:slug>/events/<evt:id>", pages.event, name="event"),
    path("c/<slug:slug>/events/<evt:id>/body", pages.body, name="event_body"),
    path("c/<slug:slug>/events/<evt:id>/retry", pages.retry, name="event_retry"),
]

handler400 = "goodword.web.errors.bad_request"
handler403 = "goodword.web.errors.forbidden"
handler404 = "goodword.web.errors.not_found"
handler500 = "goodword.web.errors.failed"
