"""Who may reach which address? The second opinion: the tests walk the URLconf and compare each answer with this table.

A new address needs one line here, or `test_walls.py` fails and names it. What stands here is written by hand on purpose: the
permission of a view, read from the view, would prove nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, URLResolver

from goodword.actions.permissions import May

ANYBODY = "anybody"  # signed in or not
SIGNED_IN = "signed in"  # whatever the role


@dataclass(frozen=True)
class Place:
    """What an address needs. `posts` is sent where it only takes a POST: chosen so that it changes nothing."""

    needs: May | str
    posts: dict[str, Any] | None = None
    own: bool = False  # about the person who asks, so there is nothing of others to be found
    more: dict[str, str] = field(default_factory=dict)  # a query that the page needs


REACH: dict[str, Place] = {
    "home": Place(ANYBODY),
    # An API key opens these, no sign-in does: tests/api asks them without a key, with a poor one and with one of others.
    "api_event_try": Place(ANYBODY),
    "api_programs": Place(ANYBODY),
    "api_program": Place(ANYBODY),
    "api_program_texts": Place(ANYBODY),
    "api_program_diff": Place(ANYBODY),
    "api_backtests": Place(ANYBODY),
    "api_backtest": Place(ANYBODY),
    "sign_in": Place(ANYBODY),
    "sign_out": Place(ANYBODY, posts={}),
    "welcome": Place(ANYBODY),
    "look": Place(ANYBODY, posts={}),
    "session_left": Place(ANYBODY),
    "settings": Place(SIGNED_IN, own=True),
    "styleguide": Place(SIGNED_IN),
    "view_keep": Place(SIGNED_IN, posts={"room": "referrals"}),
    "view_drop": Place(SIGNED_IN, posts={"room": "referrals"}),
    "draft": Place(SIGNED_IN, own=True, more={"place": "note:none"}),
    "forgotten": Place(ANYBODY),
    "account": Place(SIGNED_IN, own=True),
    "second_factor_first": Place(SIGNED_IN, own=True),
    "sessions_end": Place(SIGNED_IN, posts={}, own=True),
    "session_end": Place(SIGNED_IN, posts={}, own=True),
    "live_all": Place(SIGNED_IN, own=True),
    "live": Place(SIGNED_IN),  # that something was decided, and the number of the last decision
    "first_steps": Place(May.CLIENTS),
    "first_steps_away": Place(May.CLIENTS, posts={}),
    "reward_sent": Place(May.SEND, posts={}),
    "demo_clock": Place(May.CLOCK, posts={}),  # this and what follows exists in a demo only
    "demo_clear": Place(May.ADD_CLIENT),
    "demo_fill": Place(May.ADD_CLIENT, posts={}),
    "wallets": Place(May.OVERVIEW),
    "wallet": Place(May.PEOPLE),
    "wallet_redeem": Place(May.REDEEM, posts={}),  # without an item nothing is redeemed
    "wallet_cancel": Place(May.REDEEM, posts={}),  # without a redemption nothing is cancelled
    "today": Place(May.WORK, own=True),
    "today_start": Place(May.WORK, own=True),
    "overview": Place(May.OVERVIEW),
    "overview_csv": Place(May.EXPORT),
    "overview_json": Place(May.EXPORT),
    **{
        f"overview_{number}{end}": Place(may)
        for number in ("referrals", "customers", "earned", "denied", "given", "owed", "sent", "stopped")
        for end, may in (("", May.OVERVIEW), ("_csv", May.EXPORT))
    },
    "overview_clicks": Place(May.OVERVIEW, more={"from": "2026-01-01", "to": "2099-12-31"}),
    "programs": Place(May.PROGRAMS),
    "programs_csv": Place(May.PROGRAMS),
    "programs_json": Place(May.PROGRAMS),
    "program": Place(May.PROGRAMS),
    "contest": Place(May.PROGRAMS),
    "contest_csv": Place(May.PROGRAMS),
    "contest_json": Place(May.PROGRAMS),
    "contest_freeze": Place(May.CLOSE_CONTEST, posts={}),
    "contest_award": Place(May.CLOSE_CONTEST, posts={}),
    "contest_accept": Place(May.ANSWER_CONTEST, posts={}),
    "contest_disqualify": Place(May.CLOSE_CONTEST, posts={}),
    "contest_called": Place(May.ANSWER_CONTEST, posts={}),
    "program-new": Place(May.PUSH),
    "program-edit": Place(May.PROGRAMS),
    "program-edit-look": Place(May.PUSH, posts={"place": "friends.new"}),
    "program-edit-document": Place(May.PUSH),
    "program-edit-discard": Place(May.PUSH, posts={}),
    "program-edit-test": Place(May.PUSH),
    "program-edit-keep": Place(May.PUSH, posts={}),
    "program-edit-say": Place(May.COMMENT, posts={}),
    "program-edit-done": Place(May.COMMENT, posts={}),
    "program-versions": Place(May.PROGRAMS),
    "program-texts": Place(May.PROGRAMS),
    "program-text": Place(May.PROGRAMS),
    "program-publish": Place(May.PUBLISH),
    "program-finish": Place(May.PUBLISH, posts={}),  # where nothing waits, nothing is published
    "program-withdraw": Place(May.PUBLISH, posts={}),
    "program-approve": Place(May.PUBLISH, posts={}),
    "program-ask": Place(May.PUBLISH, posts={}),
    "program-stop": Place(May.PUBLISH, posts={}),  # without a reason nothing is asked for
    "program-rollback": Place(May.PUSH, posts={"number": "1"}),  # the latest says the same already
    "program-rules": Place(May.EDIT_CLIENT, posts={"percent": "10"}),
    "approve": Place(ANYBODY),
    "apply": Place(ANYBODY),
    "creator_own": Place(ANYBODY),
    "creators": Place(May.CREATORS),
    "creators_csv": Place(May.EXPORT),
    "creators_json": Place(May.EXPORT),
    "creator": Place(May.CREATORS),
    "creator_new": Place(May.ADD_CREATOR),
    "creator_apply": Place(May.ADD_CREATOR, posts={}),  # without a name nobody applies
    "creators_brief": Place(May.VET_CREATOR, posts={}),
    "creator_vet": Place(May.VET_CREATOR, posts={}),
    "creator_offer": Place(May.VET_CREATOR, posts={}),
    "creator_link": Place(May.VET_CREATOR, posts={}),
    "creator_mail": Place(May.VET_CREATOR, posts={"path": ""}),
    "creator_brief": Place(May.VET_CREATOR, posts={}),
    "creator_post": Place(May.CHECK_POST, posts={}),
    "creator_disclose": Place(May.CHECK_POST, posts={}),
    "creator_check": Place(May.CHECK_POST, posts={}),
    "creator_turn": Place(May.VET_CREATOR, posts={}),
    "creator_forget": Place(May.VET_CREATOR, posts={}),
    "program_backtest": Place(May.PUSH),
    "program_backtest_stop": Place(May.PUSH, posts={}),
    "program_backtest_csv": Place(May.PUSH),
    "program_backtest_json": Place(May.PUSH),
    "users": Place(May.USERS),
    "users_csv": Place(May.USERS),
    "users_json": Place(May.USERS),
    "user_invite": Place(May.INVITE, posts={}),
    "user": Place(May.USERS),
    "user_roles": Place(May.INVITE, posts={}),
    "user_link": Place(May.INVITE, posts={}),
    "user_second_factor": Place(May.INVITE, posts={}),
    "user_shut_out": Place(May.DEACTIVATE, posts={}),
    "user_let_in": Place(May.DEACTIVATE, posts={}),
    "permissions": Place(SIGNED_IN),
    "see_as": Place(May.SEE_AS, posts={}),
    "see_as_end": Place(SIGNED_IN, posts={}),
    "team": Place(May.TEAM),
    "team_csv": Place(May.TEAM),
    "team_json": Place(May.TEAM),
    "team_invite": Place(May.INVITE, posts={}),
    "team_see_as": Place(May.SEE_AS, posts={}),
    "team_member": Place(May.TEAM),
    "team_roles": Place(May.INVITE, posts={}),
    "team_link": Place(May.INVITE, posts={}),
    "clients": Place(May.CLIENTS),
    "clients_csv": Place(May.CLIENTS),
    "clients_json": Place(May.CLIENTS),
    "client_new": Place(May.ADD_CLIENT),
    "client": Place(May.EDIT_CLIENT),
    "client_key": Place(May.CREATE_KEY),
    "client_program": Place(May.PUBLISH),
    "client_referral": Place(May.EVENTS),
    "referrals": Place(May.REFERRALS),
    "referrals_csv": Place(May.EXPORT),
    "search": Place(May.REFERRALS, posts={"q": "bob@x.test"}),
    "referral": Place(May.REFERRALS),
    "review": Place(May.REVIEW),
    "review_csv": Place(May.REVIEW),
    "review_json": Place(May.REVIEW),
    "review_next": Place(May.REVIEW),
    "review_item": Place(May.REVIEW),
    "review_decide": Place(May.REVIEW, posts={}),
    "review_undo": Place(May.REVIEW, posts={}),
    "review_pause": Place(May.REVIEW, posts={}),
    "review_resume": Place(May.REVIEW, posts={}),
    "review_transfer": Place(May.REVIEW, posts={}),
    "review_call_back": Place(May.REVIEW, posts={}),
    "review_message": Place(May.REVIEW, posts={}),
    "review_many": Place(May.REVIEW, posts={}),
    "review_many_decide": Place(May.REVIEW, posts={}),
    "review_job": Place(May.REVIEW),
    "review_job_undo": Place(May.REVIEW, posts={}),
    "review_signals": Place(May.REVIEW),
    "review_signal": Place(May.SWITCH_SIGNAL),
    "referrals_json": Place(May.EXPORT),
    "referrals_chosen": Place(May.REFERRALS, posts={}),
    "referrals_columns": Place(May.REFERRALS, posts={"column": "friend"}),
    "all_referrals": Place(May.REFERRALS, own=True),
    "all_referrals_csv": Place(May.EXPORT, own=True),
    "all_referrals_json": Place(May.EXPORT, own=True),
    "referral_new": Place(May.ADD_REFERRAL),
    "referral_known": Place(May.ADD_REFERRAL, posts={"contact": "bob@x.test"}),
    "people": Place(May.PEOPLE),
    "person": Place(May.PEOPLE),
    "event_person": Place(May.PEOPLE),
    "person_reveal": Place(May.REVEAL, posts={}),
    "person_claim": Place(May.ADD_REFERRAL),
    "events": Place(May.EVENTS),
    "events_csv": Place(May.EVENTS),
    "events_json": Place(May.EVENTS),
    "events_replay": Place(May.RETRY),
    "event": Place(May.EVENTS),
    "event_json": Place(May.EVENTS),
    "system": Place(May.SYSTEM),
    "system_json": Place(May.SYSTEM),
    "developers": Place(May.EVENTS),
    "event_try": Place(May.EVENTS, posts={"event": "{}"}),
    "key_create": Place(May.CREATE_KEY, posts={}),
    "key_roll": Place(May.CREATE_KEY, posts={}),
    "key_revoke": Place(May.REVOKE_KEY, posts={}),
    "event_body": Place(May.BODIES, posts={}),
    "event_retry": Place(May.RETRY, posts={}),
    **{
        f"{whose}{name}": Place(May.AUDIT_LOG, posts=posts)
        for whose in ("", "house_")
        for name, posts in {
            "audit": None,
            "audit_csv": None,
            "audit_json": None,
            "audit_verify": {},
            "audit_verifying": None,
            "audit_find": {"what": ""},
            "audit_leaf": None,
            "audit_checkpoints": None,
            "audit_checkpoint": None,
            "audit_checkpoint_note": None,
            "audit_pack": {},
        }.items()
    },
}
# Addresses of a library, guarded by it and tested where they are used.
OF_LIBRARIES = ("account_", "mfa_", "usersessions_")


@dataclass(frozen=True)
class Address:
    """One address of the URLconf with things of one client in it."""

    name: str
    path: str
    place: Place
    is_of_client: bool
    names_a_thing: bool


def addresses(world: Any, client: str) -> Iterator[Address]:
    """Every address, with things of that client in the places of its ids."""
    from goodword.urls import urlpatterns

    for name, route in _routes(urlpatterns, ""):
        if name.startswith(OF_LIBRARIES):
            continue
        assert name in REACH, f"say in tests/web/reach.py who may reach {name} ({route})"
        path = route.replace("<slug:slug>", client)
        for part, thing in things(world, client).items():
            path = path.replace(part, thing)
        assert "<" not in path, f"say in tests/web/reach.py what stands for the parts of {route}"
        of_client = route.startswith("c/<slug:slug>/")
        yield Address(name, f"/{path}", REACH[name], of_client, "<" in route.removeprefix("c/<slug:slug>/"))


def things(world: Any, client: str) -> dict[str, str]:
    """What stands for `<ref:id>` and its like: things of that client."""
    return {
        "<ref:id>": f"ref_{world.referrals[f'{client}/bob']}",
        "<evt:id>": f"evt_{world.events[f'{client}/paid-bob']}",
        "<prs:id>": f"prs_{world.people[f'{client}/bob']}",
        "<prg:program>": "friends",
        "<usr:id>": f"usr_{world.users['gil' if client == 'globex' else 'dev']}",
        "<str:token>": "no-such-token",
        "<str:id>": "0" * 32,
        "<str:voice>": "agent",
        "<rwd:id>": f"rwd_{'0' * 32}",  # none: marking one as sent would change the world
        "<str:leaf>": f"evt_{world.events[f'{client}/paid-bob']}",
        "<int:size>": "1",
        "<key:id>": f"key_{'0' * 32}",
        "<crt:id>": f"crt_{'0' * 32}",  # none: the tests of the room have creators of their own
        "<int:number>": "0",
        "<int:version>": "1",
        "<uuid:job>": "00000000-0000-4000-8000-000000000000",
        "<slug:signal>": "same_device",
    }


def _routes(patterns: Any, before: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield str(pattern.name), route


def ask(browser: Any, address: Address, path: str = "") -> Any:
    """The answer of that address; `path` instead of its own."""
    where = path or address.path
    if address.place.posts is not None:
        return browser.post(where, address.place.posts)
    return browser.get(where, address.place.more)
