"""Who may do what to which table? One table of rights for three roles; every migration ends by setting exactly these.

Rows are a second question, answered by `isolation`: the web's role sees the rows of the clients in its scope, the
engine's role sees all rows but touches the chain's tables only and names the client in each of its statements.
Where only some columns may be updated, a model is saved with `update_fields`.
Nothing is granted to PUBLIC, and a table that is missing here stays closed to all but its owner.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

OWNER, ENGINE, APP, OPS = ROLES = ("goodword_owner", "goodword_engine", "goodword_app", "goodword_ops")

_READ = "SELECT"
_ADD = "SELECT, INSERT"
_KEEP = "SELECT, INSERT, UPDATE"
_ALL = "SELECT, INSERT, UPDATE, DELETE"


@dataclass(frozen=True)
class Rights:
    """What each role may do. `ops` reads when the break-glass is opened, except keys, sessions and password hashes."""

    app: str = ""
    engine: str = ""
    ops: str = _READ


TENANT: dict[str, Rights] = {
    # Where the chain is, and with what it works.
    "lane": Rights(app="SELECT, UPDATE (version)", engine=_KEEP),
    "api_key": Rights(
        app="SELECT, INSERT, UPDATE (name, scopes, expires_at, revoked_at)",
        engine="SELECT, INSERT, UPDATE (expires_at, last_used_at, revoked_at)",
    ),
    "program": Rights(app=_KEEP, engine=_KEEP),
    # What a version says never changes, whoever asks: only its state and its times do.
    "program_version": Rights(
        app="SELECT, INSERT, UPDATE (state, live_from, live_until, published_by, published_at)",
        engine="SELECT, INSERT, UPDATE (state, live_from, live_until, stopped_at, published_by, published_at)",
    ),
    # What people read of it: written once, as it was kept and as it went live.
    "version_wording": Rights(app=_READ, engine=_ADD),
    "version_test": Rights(app=_READ, engine=_ADD),
    "version_release": Rights(app=_READ, engine="SELECT, INSERT, UPDATE (state, ended_at)"),
    "version_approval": Rights(
        app=_READ, engine="SELECT, INSERT, UPDATE (granted, comment_sealed, by, at, text_hash, expires_at)"
    ),
    "code": Rights(app="SELECT, INSERT, UPDATE (program_id, party_id, ended_at)", engine=_KEEP),
    # The log: nobody changes a row. Its body beside it may be sealed anew or shredded.
    "event": Rights(app=_READ, engine=_ADD),
    "event_key": Rights(app=_READ, engine=_ADD),
    "event_body": Rights(app=_READ, engine=_ALL),
    "dead_letter": Rights(app="SELECT, UPDATE (resolved_at, retry_at)", engine=_KEEP),
    "rejected_event": Rights(app=_READ, engine="SELECT, INSERT, DELETE"),
    # People. An erasure deletes what identifies them.
    "party": Rights(app=_READ, engine=_KEEP),
    "identifier": Rights(app=_READ, engine=_ALL),
    "trait": Rights(app=_READ, engine=_ALL),
    "personal": Rights(app=_READ, engine=_ALL),
    "attribute": Rights(app=_READ, engine=_ALL),
    "audience_member": Rights(app=_KEEP, engine=_ALL),
    "trail": Rights(app=_READ, engine=_ALL),
    # What was decided. Decisions, entries and checkpoints are only ever added.
    "referral": Rights(app=_READ, engine=_KEEP),
    "reward": Rights(app=_READ, engine=_KEEP),
    "counter": Rights(app=_READ, engine=_KEEP),
    "wallet": Rights(app=_READ, engine=_KEEP),
    "redemption": Rights(app=_READ, engine=_KEEP),
    "contest_round": Rights(app=_READ, engine=_KEEP),
    "contest_score": Rights(app=_READ, engine=_ALL),
    "contest_standing": Rights(app=_READ, engine=_ALL),
    "contest_seed": Rights(engine=_KEEP, ops=""),
    "contest_name": Rights(app=_KEEP, engine=_ALL, ops=""),
    # Creators are read by the web, and written by the chain beside its acts; what names them lies sealed.
    "creator": Rights(app=_READ, engine=_KEEP, ops=""),
    "creator_contract": Rights(app=_READ, engine=_KEEP, ops=""),
    "creator_brief": Rights(app=_READ, engine=_KEEP, ops=""),
    "creator_post": Rights(app=_READ, engine=_KEEP, ops=""),
    "signal_switch": Rights(app=_READ, engine=_KEEP),
    "review_claim": Rights(app=_ALL),
    "review_job": Rights(app=_READ, engine=_KEEP),
    "review_pause": Rights(app=_ALL),
    "review_handover": Rights(app=_ALL, ops=""),
    "review_message": Rights(app=_ADD, ops=""),
    "decision": Rights(app=_READ, engine=_ADD),
    "account": Rights(app=_READ, engine=_KEEP),
    "entry": Rights(app=_READ, engine=_ADD),
    "rollup": Rights(app=_READ, engine=_KEEP),
    "leaf_batch": Rights(app=_ADD, engine="SELECT, INSERT, UPDATE (first_leaf, sealed_at)"),
    "checkpoint": Rights(app=_READ, engine=_ADD),
    "tree": Rights(app=_READ, engine=_KEEP),
    "action": Rights(app=_ADD, engine="SELECT, INSERT, UPDATE (seq)"),
    # Keys: the web opens what it shows and seals what people type; only the engine destroys a key (an erasure).
    "client_key": Rights(app=_ADD, engine=_KEEP, ops=""),
    "person_key": Rights(app=_ADD, engine=_KEEP, ops=""),
    "erasure": Rights(app="SELECT, INSERT, UPDATE (done_at, summary)", engine=_KEEP),
    "statutory": Rights(app=_READ, engine=_ALL, ops=""),
    # Work to do.
    "outbox": Rights(app=_ADD, engine=_KEEP),
    "import_run": Rights(app=_KEEP, engine=_KEEP),
    # What a person keeps at the desk.
    "saved_view": Rights(app="SELECT, INSERT, DELETE"),
    "draft": Rights(app=_ALL, ops=""),
    # What a program's next version is written on, before it is one.
    "working_copy": Rights(app=_ALL),
    "working_copy_open": Rights(app=_ALL),
    "program_comment": Rights(app=_KEEP, ops=""),
}
# Tables of the house: policies of their own (`house_isolation`), or none. The engine adds clients, since a client begins
# with its keys and its lane, and notes what one works with and where it serves (typed on a command line); the web changes
# the settings of the one in scope. Who works for whom is written by the web.
PLATFORM: dict[str, Rights] = {
    "client": Rights(
        app=(
            "SELECT, UPDATE (name, legal_name, timezone, sector, places, languages, colour, consent, review_hours, publishing)"
        ),
        engine=f"{_ADD}, UPDATE (has_creators, sector, places, languages)",
    ),
    "membership": Rights(app="SELECT, INSERT, DELETE"),
    "store_user": Rights(
        app="SELECT, INSERT, UPDATE (password, last_login, name, language, settings, is_active)", ops=""
    ),
    "sign_in_link": Rights(app="SELECT, INSERT, UPDATE (used_at)", ops=""),
    "sign_in_failure": Rights(app=_ALL, ops=""),
    "django_session": Rights(app=_ALL, ops=""),
    # Second factors (secrets sealed) and where somebody is signed in: each page asks for the person's own rows.
    "mfa_authenticator": Rights(app=_ALL, ops=""),
    "usersessions_usersession": Rights(app=_ALL, ops=""),
    "django_migrations": Rights(app=_READ, engine=_READ),
    # Made by Django, used by nothing here: what people may do stands in their memberships.
    "django_content_type": Rights(ops=""),
    "auth_permission": Rights(ops=""),
    "auth_group": Rights(ops=""),
    "auth_group_permissions": Rights(ops=""),
    # Made by allauth, used by nothing here: a person has one address, and the invitation proved it.
    "account_emailaddress": Rights(ops=""),
    "account_emailconfirmation": Rights(ops=""),
}
RIGHTS: dict[str, Rights] = TENANT | PLATFORM
SEQUENCES: dict[str, Rights] = {"event_seq": Rights(engine="USAGE", ops="")}

CLIENT_READ = "client_id = any(string_to_array(nullif(current_setting('app.client_ids', true), ''), ',')::uuid[])"
CLIENT_WRITE = "client_id = nullif(current_setting('app.client_id', true), '')::uuid"
MEMBER_READ = "user_id = nullif(current_setting('app.user_id', true), '')::uuid"

# The scope of the house: everybody's memberships, and those that hold for all clients (`client_id` null).
HOUSE_OPEN = "current_setting('app.house', true) = 'on'"

# table -> the only policies it has: (name, command, rows that are seen, rows that may be written)
HOUSE_POLICIES: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    "membership": (
        ("member", "SELECT", f"{MEMBER_READ} OR {CLIENT_READ} OR {HOUSE_OPEN}", ""),
        ("member_in", "INSERT", "", f"{CLIENT_WRITE} OR {HOUSE_OPEN}"),
        ("member_out", "DELETE", f"{CLIENT_WRITE} OR {HOUSE_OPEN}", ""),
    ),
    # The names of clients are known before a scope is: an address is looked up by them.
    "client": (
        ("named", "SELECT", "true", ""),
        ("settings", "UPDATE", CLIENT_WRITE.replace("client_id", "id", 1), CLIENT_WRITE.replace("client_id", "id", 1)),
    ),
}

_PARTITION = re.compile(r"event_(\d{4}_\d{2}|default)\Z")


def isolation(table: str) -> list[str]:
    """Statements that keep a client's rows to its scope: ONE permissive policy, since Citus loses restrictive ones."""
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY tenant ON {table} AS PERMISSIVE FOR ALL TO {APP}"
        f" USING ({CLIENT_READ}) WITH CHECK ({CLIENT_WRITE})",
    ]


def membership_isolation() -> list[str]:
    """Statements that show a person their own memberships; `house_isolation` came later and replaces the policy."""
    return [
        "ALTER TABLE membership ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE membership FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY member ON membership AS PERMISSIVE FOR SELECT TO {APP} USING ({MEMBER_READ})",
    ]


def house_isolation(table: str) -> list[str]:
    """Statements that give a table of the house its policies: permissive ones, one a command, so that none widens another."""
    made = [
        f"DROP POLICY IF EXISTS member ON {table}",
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
    ]
    for name, command, seen, written in HOUSE_POLICIES[table]:
        using = f" USING ({seen})" if seen else ""
        check = f" WITH CHECK ({written})" if written else ""
        made.append(f"CREATE POLICY {name} ON {table} AS PERMISSIVE FOR {command} TO {APP}{using}{check}")
    return made


def is_partition(table: str) -> bool:
    """Whether it is a month of the log; nobody has rights there, all go through the log itself."""
    return _PARTITION.match(table) is not None


def existing(cursor: Any) -> dict[str, set[str]]:
    """Tables and sequences of Goodword's schema with their columns."""
    cursor.execute(
        "SELECT c.relname, array_agg(a.attname::text) FROM pg_class c LEFT JOIN pg_attribute a"
        " ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'S') GROUP BY 1"
    )
    return {name: set(columns) for name, columns in cursor.fetchall()}


def statements(found: Mapping[str, set[str]]) -> Iterator[str]:
    """One statement each: take everything away, then give what the tables above say, as far as it exists by now."""
    everyone = f"PUBLIC, {ENGINE}, {APP}, {OPS}"
    for name, columns in sorted(found.items()):
        kind = "SEQUENCE" if name.endswith("_seq") else "TABLE"
        rights = (RIGHTS | SEQUENCES).get(name, Rights(ops=""))
        yield f"REVOKE ALL ON {kind} {name} FROM {everyone}"
        for role, given in ((APP, rights.app), (ENGINE, rights.engine), (OPS, rights.ops)):
            if given:
                yield f"GRANT {_so_far(given, columns)} ON {kind} {name} TO {role}"


def _so_far(rights: str, columns: set[str]) -> str:
    """Rights on columns that a later migration adds are left out until then."""
    plain, bracket, named = rights.partition(", UPDATE (")
    if not bracket:
        return rights
    there = [column for column in named.rstrip(")").split(", ") if column in columns]
    return f"{plain}, UPDATE ({', '.join(there)})" if there else plain
