"""Who lets whom in, as what, and who is stopped? The team of one client, everybody of the house, and their log."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.web.conftest import As
from tests.web.world import PASSWORD


@pytest.fixture
def owner(world: Any) -> Iterator[Any]:
    with psycopg.connect(world.urls.owner, autocommit=True) as conn:
        yield conn


@pytest.fixture
def carl(as_: As) -> Any:
    return as_("carl")


@pytest.fixture
def olga(as_: As) -> Any:
    return as_("olga")


def roles_of(owner: Any, email: str) -> set[tuple[str | None, str]]:
    rows = owner.execute(
        "SELECT c.slug, m.role FROM membership m JOIN store_user u ON u.id = m.user_id LEFT JOIN client c ON c.id = m.client_id"
        " WHERE u.email = %s",
        (email,),
    ).fetchall()
    return set(rows)


def verbs(owner: Any, client: str | None, user: str) -> list[str]:
    """What the log of acts of a client (None: of the house) says about somebody."""
    rows = owner.execute(
        "SELECT verb FROM action WHERE object_id = %s AND client_id = coalesce((SELECT id FROM client WHERE slug = %s), %s::uuid)"
        " ORDER BY at",
        (user, client, "0" * 32),
    ).fetchall()
    return [row[0] for row in rows]


def link_in(page: str) -> str:
    found = re.search(r'value="http[^"]*(/welcome/[^"]+)"', page)
    assert found, page
    return found[1]


def fresh(owner: Any, browser: Any, email: str, role: str = "agent") -> str:
    """Somebody new at Acme; their id."""
    answer = browser.post("/c/acme/team/invite", {"email": email, "name": "Nina New", "role": role})
    assert answer.status_code == 200, answer.content.decode()
    return str(owner.execute("SELECT id FROM store_user WHERE email = %s", (email,)).fetchone()[0].hex)


def test_a_manager_lets_somebody_in_by_a_link_that_works_once(world: Any, carl: Any, as_: As, owner: Any) -> None:
    answer = carl.post("/c/acme/team/invite", {"email": "Nina@House.test", "name": "Nina New", "role": "agent"})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    path = link_in(answer.content.decode())
    nina = as_("")
    assert nina.post(path, {"password": PASSWORD, "again": PASSWORD}).status_code == 302
    assert nina.get("/c/acme/referrals").status_code == 200
    assert nina.get("/c/globex/referrals").status_code == 404
    assert as_("").get(path).status_code == 410
    id = owner.execute("SELECT id FROM store_user WHERE email = 'nina@house.test'").fetchone()[0].hex
    assert verbs(owner, "acme", id)[0] == "user.invite:agent"
    assert verbs(owner, None, id)[0] == "user.invite:agent"
    assert verbs(owner, "globex", id) == []
    page = carl.get("/c/acme/team").content.decode()
    assert "Nina New" in page and "nina@house.test" in page


@pytest.mark.parametrize(
    ("email", "role", "status", "words"),
    [
        ("", "agent", 422, "not an e-mail address"),
        ("no at sign", "agent", 422, "not an e-mail address"),
        ("a@b", "agent", 422, "not an e-mail address"),
        (f"{'a' * 250}@house.test", "agent", 422, "not an e-mail address"),
        ("new@house.test", "", 422, "no such role"),
        ("new@house.test", "operator", 422, "no such role"),
        ("new@house.test", "admin", 403, "may do more than yours"),
        ("new@house.test", "auditor", 403, "may do more than yours"),
        ("new@house.test", "it", 403, "may do more than yours"),
        ("carl@house.test", "agent", 403, "your own account"),
        ("dan@house.test", "agent", 422, "has this role already"),
    ],
)
def test_what_a_manager_is_refused(carl: Any, owner: Any, email: str, role: str, status: int, words: str) -> None:
    answer = carl.post("/c/acme/team/invite", {"email": email, "name": "Kept Name", "role": role})
    page = answer.content.decode()
    assert answer.status_code == status and words in page
    if status == 422:
        assert 'value="Kept Name"' in page and f'value="{email}"' in page, "what was typed is kept"
    assert owner.execute("SELECT count(*) FROM store_user WHERE email = 'new@house.test'").fetchone() == (0,)


def test_who_is_known_elsewhere_gets_the_role_and_no_link(carl: Any, owner: Any) -> None:
    """A link to somebody who works for another client would be a way into it."""
    answer = carl.post("/c/acme/team/invite", {"email": "gil@house.test", "name": "", "role": "agent"})
    try:
        assert answer.status_code == 303
        assert roles_of(owner, "gil@house.test") == {("globex", "agent"), ("acme", "agent")}
        id = owner.execute("SELECT id FROM store_user WHERE email = 'gil@house.test'").fetchone()[0].hex
        refused = carl.post(f"/c/acme/team/usr_{id}/link", {})
        assert refused.status_code == 403 and "welcome" not in refused.content.decode()
    finally:
        owner.execute(
            "DELETE FROM membership m USING client c, store_user u WHERE c.id = m.client_id AND c.slug = 'acme'"
            " AND u.id = m.user_id AND u.email = 'gil@house.test'"
        )


def test_an_invitation_elsewhere_that_waits_is_not_taken_over(world: Any, carl: Any, olga: Any, owner: Any) -> None:
    olga.post("/users/invite", {"email": "wait@house.test", "name": "", "role": "manager", "client": "globex"})
    answer = carl.post("/c/acme/team/invite", {"email": "wait@house.test", "name": "", "role": "agent"})
    assert answer.status_code == 303, "the role is given, but no link to an account that reaches Globex"
    assert roles_of(owner, "wait@house.test") == {("globex", "manager"), ("acme", "agent")}


def test_somebody_of_another_client_does_not_exist_here(world: Any, carl: Any, owner: Any) -> None:
    gil = f"usr_{world.users['gil']}"
    assert carl.get(f"/c/acme/team/{gil}").status_code == 404
    assert carl.post(f"/c/acme/team/{gil}/roles", {"role": "agent", "seen": "agent"}).status_code == 404
    assert carl.post(f"/c/acme/team/{gil}/link", {}).status_code == 404
    assert carl.post("/c/acme/team/see-as", {"user": gil}).status_code == 404
    for path in (f"/c/globex/team/{gil}", "/c/globex/team"):
        assert carl.get(path).status_code == 404
    assert roles_of(owner, "gil@house.test") == {("globex", "agent")}


def test_roles_are_given_and_taken_and_hold_at_once(world: Any, carl: Any, as_: As, owner: Any) -> None:
    id = fresh(owner, carl, "rolf@house.test")
    path = f"/c/acme/team/usr_{id}"
    assert carl.post(f"{path}/roles", {"role": ["lead", "developer"], "seen": "agent"}).status_code == 303
    assert roles_of(owner, "rolf@house.test") == {("acme", "lead"), ("acme", "developer")}
    assert verbs(owner, "acme", id)[-3:] != [] and "user.take_role:agent" in verbs(owner, "acme", id)
    stale = carl.post(f"{path}/roles", {"role": ["agent"], "seen": "agent"})
    assert stale.status_code == 422 and "changed meanwhile" in stale.content.decode()
    above = carl.post(f"{path}/roles", {"role": ["lead", "developer", "admin"], "seen": "lead developer"})
    assert above.status_code == 403
    assert roles_of(owner, "rolf@house.test") == {("acme", "lead"), ("acme", "developer")}, "nothing half done"
    assert carl.post(f"{path}/roles", {"seen": "lead developer"}).headers["Location"] == "/c/acme/team"
    assert roles_of(owner, "rolf@house.test") == set()


def test_roles_above_the_managers_own_stay(world: Any, carl: Any, owner: Any) -> None:
    audra = f"/c/acme/team/usr_{world.users['audra']}"
    page = carl.get(audra).content.decode()
    assert re.search(r'value="auditor"[^>]*checked disabled', page)
    assert carl.post(f"{audra}/roles", {"role": ["agent"], "seen": "auditor"}).status_code == 303
    assert roles_of(owner, "audra@house.test") == {("acme", "auditor"), ("acme", "agent")}
    assert carl.post(f"{audra}/roles", {"seen": "agent auditor"}).status_code == 303
    assert roles_of(owner, "audra@house.test") == {("acme", "auditor")}


@pytest.mark.parametrize("path", ["/c/acme/team/usr_{}/roles", "/users/usr_{}/roles", "/users/usr_{}/shut-out"])
def test_nobody_changes_their_own_account(world: Any, olga: Any, owner: Any, path: str) -> None:
    before = roles_of(owner, "olga@house.test")
    answer = olga.post(
        path.format(world.users["olga"]), {"role": "admin", "seen": "active" if "shut" in path else "admin"}
    )
    assert answer.status_code in (403, 404)
    assert roles_of(owner, "olga@house.test") == before
    assert owner.execute("SELECT is_active FROM store_user WHERE email = 'olga@house.test'").fetchone() == (True,)


def test_shut_out_ends_every_session_at_once_and_letting_in_brings_back(
    world: Any, olga: Any, as_: As, owner: Any
) -> None:
    dan, id = as_("dan"), world.users["dan"]
    assert dan.get("/c/acme/referrals").status_code == 200
    stale = olga.post(f"/users/usr_{id}/shut-out", {"seen": "out"})
    assert stale.status_code == 422
    assert olga.post(f"/users/usr_{id}/shut-out", {"seen": "active"}).status_code == 303
    try:
        assert dan.get("/c/acme/referrals").status_code == 302
        assert as_("").post("/sign-in", {"email": "dan@house.test", "password": PASSWORD}).status_code == 422
        assert (
            olga.post("/users/invite", {"email": "dan@house.test", "role": "lead", "client": "acme"}).status_code == 422
        )
        assert "Shut out" in olga.get("/users?show=out").content.decode()
    finally:
        assert olga.post(f"/users/usr_{id}/let-in", {}).status_code == 303
    assert dan.get("/c/acme/referrals").status_code == 302, "the old session is gone for good"
    assert as_("dan").get("/c/acme/referrals").status_code == 200
    assert [verb for verb in verbs(owner, None, id) if verb in ("user.deactivate", "user.let_in")] == [
        "user.deactivate",
        "user.let_in",
    ]


def test_the_last_administrator_stays(world: Any, olga: Any, owner: Any) -> None:
    """Another administrator who has not chosen a password yet does not count."""
    olga.post("/users/invite", {"email": "second@house.test", "name": "", "role": "admin", "client": ""})
    from goodword.actions.deeds import Actor
    from goodword.actions.people_of_house import Hand, set_roles, shut_out
    from goodword.actions.permissions import ROLES
    from goodword.errors import BadInput
    from goodword.store.scope import house_scope
    from tests.web.world import NOW

    second = owner.execute("SELECT id FROM store_user WHERE email = 'second@house.test'").fetchone()[0].hex
    hand = Hand(Actor(second, "admin"), ROLES["admin"], None)
    for act in (
        lambda: set_roles(hand, world.users["olga"], [], at=NOW),
        lambda: shut_out(hand, world.users["olga"], at=NOW),
    ):
        with house_scope(), pytest.raises(BadInput, match="last administrator"):
            act()
    owner.execute("UPDATE store_user SET password = (SELECT password FROM store_user WHERE email = 'olga@house.test')"
                  " WHERE email = 'second@house.test'")  # fmt: skip
    assert olga.post(f"/users/usr_{second}/shut-out", {"seen": "active"}).status_code == 303, "now there are two"
    assert roles_of(owner, "olga@house.test") == {(None, "admin")}


def test_it_shuts_out_leavers_but_no_administrator(world: Any, as_: As, owner: Any) -> None:
    isa = as_("isa")
    assert isa.post(f"/users/usr_{world.users['olga']}/shut-out", {"seen": "active"}).status_code == 403
    assert isa.post(f"/users/usr_{world.users['nora']}/shut-out", {"seen": "active"}).status_code == 303
    assert isa.post(f"/users/usr_{world.users['nora']}/let-in", {}).status_code == 303
    assert isa.post(f"/users/usr_{world.users['nora']}/link", {}).status_code == 403
    assert isa.post("/users/invite", {"email": "x@house.test", "role": "agent"}).status_code == 403


def test_a_lost_second_factor_is_taken_away_by_an_administrator_and_nobody_else(
    world: Any, carl: Any, olga: Any, owner: Any
) -> None:
    user = world.users["dan"]
    owner.execute(
        "INSERT INTO mfa_authenticator (user_id, type, data, created_at) VALUES (%s::uuid, 'totp', '{}', now())", (user,)
    )
    try:
        assert "Take the second factor away" in olga.get(f"/users/usr_{user}").content.decode()
        assert carl.post(f"/users/usr_{user}/second-factor").status_code == 403
        assert olga.post(f"/users/usr_{user}/second-factor").status_code == 303
        row = owner.execute("SELECT count(*) FROM mfa_authenticator WHERE user_id = %s::uuid", (user,)).fetchone()
        assert row == (0,)
        assert "user.second_factor_forgotten" in verbs(owner, None, user)
        assert "Take the second factor away" not in olga.get(f"/users/usr_{user}").content.decode()
        own = olga.post(f"/users/usr_{world.users['olga']}/second-factor")
        assert own.status_code == 403, "one's own goes under Account, where one proves who one is"
    finally:
        owner.execute("DELETE FROM mfa_authenticator WHERE user_id = %s::uuid", (user,))


def test_an_administrator_gives_roles_for_one_client_or_for_all(world: Any, olga: Any, owner: Any) -> None:
    id = world.users["nora"]
    page = olga.get(f"/users/usr_{id}").content.decode()
    assert "Roles for the whole house" in page and "Roles for Acme alone" in page
    assert (
        olga.post(f"/users/usr_{id}/roles", {"client": "globex", "role": ["agent", "lead"], "seen": ""}).status_code
        == 303
    )
    assert roles_of(owner, "nora@house.test") == {("globex", "agent"), ("globex", "lead")}
    assert olga.post(f"/users/usr_{id}/roles", {"client": "", "role": "auditor", "seen": ""}).status_code == 303
    assert (None, "auditor") in roles_of(owner, "nora@house.test")
    assert olga.post(f"/users/usr_{id}/roles", {"client": "nosuch", "role": "agent", "seen": ""}).status_code == 422
    assert olga.post(f"/users/usr_{id}/roles", {"client": "globex", "seen": "agent lead"}).status_code == 303
    assert olga.post(f"/users/usr_{id}/roles", {"client": "", "seen": "auditor"}).status_code == 303
    assert roles_of(owner, "nora@house.test") == set()


def test_the_lists_have_twins_and_only_the_house_lists_everybody(world: Any, carl: Any, olga: Any, owner: Any) -> None:
    everybody = olga.get("/users.json").json()
    assert {one["email"] for one in everybody} >= {"dan@house.test", "gil@house.test", "nora@house.test"}
    team = carl.get("/c/acme/team.json").json()
    assert {role.partition("@")[2] for one in team for role in one["roles"].split()} == {"acme"}
    assert "gil@house.test" not in carl.get("/c/acme/team.csv").content.decode()
    assert carl.get("/users.json").status_code == 403
    owner.execute("UPDATE store_user SET name = '=cmd' WHERE email = 'vera@house.test'")
    assert ",'=cmd," in carl.get("/c/acme/team.csv").content.decode()


def test_everybody_sees_the_one_table_of_permissions(as_: As) -> None:
    from goodword.actions.permissions import May

    page = as_("vera").get("/permissions").content.decode()
    assert all(may.says.replace("'", "&#x27;") in page for may in May)
    assert as_("").get("/permissions").status_code == 302
    only = as_("vera").get("/permissions?role=client_viewer").content.decode()
    assert May.EXPORT.says in only and May.ERASE.says not in only
