"""How does a client of a million referrals come to be within a minute? Referrals of a small world, told again in bulk by the database.

Every copy has ids, people, times and money of its own; what the pages read lies as the chain would have left it, the sums
included. Only names are those of the small world: the newest referrals are between its people, whose names are sealed.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import psycopg

SECONDS_APART = 31  # a million of them fill a year
ADVOCATES = 50_000
NAMED = 2_000  # the newest ones, between people who have names
# Of a hundred referrals so many stand in this state; a state that the small world lacks goes to the first.
SHARES = {
    "joined": 34, "expired": 20, "rewarded": 22, "not_qualified": 9, "qualified": 6, "reversed": 3, "denied": 3,
    "waiting": 2, "held": 1,
}  # fmt: skip
_HEX = "replace({}::text, '-', '')"

Connection = psycopg.Connection[tuple[object, ...]]


def fill(owner: Connection, client_id: str, referrals: int) -> None:
    """Make the client's referrals so many, with rewards, entries, decisions, people, and the sums of it all."""
    _draw(owner, client_id, referrals)
    id_, friend = _HEX.format("d.id"), _HEX.format("d.friend_id")
    body = f"replace(replace(r.body, {_HEX.format('r.id')}, {id_}), {_HEX.format('r.friend_id')}, {friend})"
    _copy(owner, "referral", "r", "draw d JOIN referral r ON r.client_id = d.client_id AND r.id = d.template", {
        "id": "d.id", "friend_id": "d.friend_id", "advocate_id": "d.advocate_id", "bound_at": "d.at", "touch_at": "d.at",
        "created_at": "d.at", "state_at": "least(now(), d.at + interval '3 days')", "body": body,
        "method": "(ARRAY['code', 'click', 'click', 'named'])[1 + d.n % 4]", "decision_seq": "d.seq",
        "next_due_at": "CASE WHEN r.state IN ('joined', 'waiting', 'qualified') THEN d.at + interval '30 days' END",
    })  # fmt: skip
    payee = "CASE w.role WHEN 'friend' THEN d.friend_id ELSE d.advocate_id END"
    _copy(owner, "reward", "w", "draw d JOIN reward w ON w.client_id = d.client_id AND w.referral_id = d.template", {
        "id": "md5('reward' || d.n || w.role)::uuid", "referral_id": "d.id", "payee_id": payee,
        "due_at": "d.at + interval '17 days'", "granted_at": "d.at + interval '3 days'",
        "state_at": "d.at + interval '19 days'",
        "state": "CASE WHEN w.state IN ('payable', 'sent') AND d.n % 10 > 0 AND d.at < now() - interval '20 days'"
        " THEN 'sent' WHEN w.state = 'pending' AND d.at < now() - interval '17 days' THEN 'payable' ELSE w.state END",
    })  # fmt: skip
    _copy(owner, "decision", "x", "draw d JOIN decision x ON x.client_id = d.client_id AND x.id = d.decision", {
        "id": "md5('decision' || d.n)::uuid", "seq": "d.seq", "referral_id": "d.id", "clock": "d.at",
        "decided_at": "d.at", "event_id": "x.event_id",
    })  # fmt: skip
    _people(owner, client_id)
    _money(owner)
    _sums(owner)
    owner.execute("UPDATE lane SET decision_seq = decision_seq + %s WHERE client_id = %s", (referrals + 1, client_id))
    owner.execute("VACUUM ANALYZE")  # as autovacuum does after so many rows, in its own time


def _draw(owner: Connection, client_id: str, referrals: int) -> None:
    """One row a referral to be: its template, its people and its moment."""
    owner.execute("DROP TABLE IF EXISTS template, draw")
    owner.execute(
        "CREATE TEMP TABLE template AS SELECT DISTINCT ON (state) id, state, friend_id, program_id, (SELECT d.id FROM"
        " decision d WHERE d.client_id = r.client_id AND d.referral_id = r.id ORDER BY seq LIMIT 1) AS decision"
        " FROM referral r WHERE client_id = %s ORDER BY state, created_at",
        (client_id,),
    )
    known = {str(row[0]) for row in owner.execute("SELECT state FROM template").fetchall()}
    states = [state if state in known else "joined" for state, share in SHARES.items() for _ in range(share)]
    owner.execute(
        "CREATE TEMP TABLE draw AS SELECT %(client)s::uuid AS client_id, n, md5('referral' || n)::uuid AS id,"
        " t.id AS template, t.decision, t.program_id, 1000000 + n AS seq,"
        " now() - n * make_interval(secs => %(apart)s) AS at, md5('advocate' || n %% %(advocates)s)::uuid AS advocate_id,"
        " CASE WHEN n <= %(named)s THEN t.friend_id ELSE md5('friend' || n)::uuid END AS friend_id"
        " FROM generate_series(1, %(count)s) n JOIN template t ON t.state = (%(states)s::text[])[1 + (n::bigint * 7919) %% %(drawn)s]",
        {
            "client": client_id, "apart": SECONDS_APART, "advocates": ADVOCATES, "named": NAMED, "count": referrals,
            "states": states, "drawn": len(states),
        },
    )  # fmt: skip
    owner.execute("ANALYZE draw")


def _copy(owner: Connection, table: str, alias: str, source: str, changed: Mapping[str, str]) -> None:
    """Copy rows with some columns changed; columns that a later version adds come along."""
    rows = owner.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND table_schema = current_schema()",
        (table,),
    ).fetchall()
    columns = [str(row[0]) for row in rows]
    values = ", ".join(changed.get(column, f"{alias}.{column}") for column in columns)
    owner.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {source}")


def _people(owner: Connection, client_id: str) -> None:
    """Friends and referrers, each with an identifier."""
    owner.execute(
        "INSERT INTO party (client_id, id, kind, known_since) SELECT client_id, id, 'person', min(at) FROM ("
        "SELECT client_id, friend_id AS id, at FROM draw UNION ALL SELECT client_id, advocate_id, at FROM draw) one"
        " GROUP BY 1, 2 ON CONFLICT DO NOTHING"
    )
    owner.execute(
        "INSERT INTO identifier (client_id, kind, token, party_id, since) SELECT client_id, 'email',"
        " md5('email' || id)::uuid, id, coalesce(known_since, now()) FROM party WHERE client_id = %s ON CONFLICT DO NOTHING",
        (client_id,),
    )


def _money(owner: Connection) -> None:
    """An entry a reward, into an account a payee."""
    owner.execute(
        "INSERT INTO account (client_id, id, name, asset, posted_minor, pending_in_minor) SELECT w.client_id,"
        f" md5('account' || w.payee_id || w.asset)::uuid, 'payable:' || {_HEX.format('w.payee_id')}, w.asset,"
        " coalesce(sum(w.amount_minor) FILTER (WHERE w.state = 'payable'), 0),"
        " coalesce(sum(w.amount_minor) FILTER (WHERE w.state IN ('pending', 'in_review')), 0)"
        " FROM reward w JOIN draw d ON d.client_id = w.client_id AND d.id = w.referral_id"
        " GROUP BY w.client_id, w.payee_id, w.asset ON CONFLICT DO NOTHING"
    )
    owner.execute(
        "INSERT INTO entry (client_id, id, seq, decision_id, source_id, destination_id, asset, amount_minor, phase, reason,"
        " at, referral_id, reward_id) SELECT w.client_id, md5('entry' || w.id)::uuid, d.seq * 1000"
        " + row_number() OVER (PARTITION BY d.n), md5('decision' || d.n)::uuid,"
        " (SELECT id FROM account WHERE client_id = w.client_id AND name LIKE 'budget:%' LIMIT 1), a.id, w.asset,"
        " w.amount_minor, CASE WHEN w.state IN ('pending', 'in_review') THEN 'pending' ELSE 'posted' END, 'grant',"
        " w.granted_at, d.id, w.id FROM draw d JOIN reward w ON w.client_id = d.client_id AND w.referral_id = d.id"
        f" JOIN account a ON a.client_id = w.client_id AND a.asset = w.asset AND a.name = 'payable:' || {_HEX.format('w.payee_id')}"
    )


def _sums(owner: Connection) -> None:
    """The rollups, by the statements with which an upgrade counts what was decided before it."""
    of_upgrade = import_module("goodword.store.migrations.0013_figures")
    owner.execute("CREATE TEMP TABLE counted (LIKE rollup)")
    for statement in of_upgrade._COUNTED:
        if (
            "jsonb_array_elements" not in statement
        ):  # bodies are copies: what they say of weeks is that of the small world
            owner.execute(statement.replace("INSERT INTO rollup", "INSERT INTO counted", 1))
    owner.execute("DELETE FROM rollup r USING counted c WHERE (r.client_id, r.program_id, r.day, r.metric, r.asset)"
                  " = (c.client_id, c.program_id, c.day, c.metric, c.asset)")  # fmt: skip
    owner.execute("INSERT INTO rollup SELECT * FROM counted")
    owner.execute("DROP TABLE counted")
    owner.execute(
        "INSERT INTO rollup (client_id, program_id, day, metric, asset, n) SELECT client_id, program_id,"
        " (at AT TIME ZONE 'UTC')::date, 'referral', '', count(*) FROM draw GROUP BY 1, 2, 3"
        " ON CONFLICT (client_id, program_id, day, metric, asset) DO UPDATE SET n = rollup.n + excluded.n"
    )
