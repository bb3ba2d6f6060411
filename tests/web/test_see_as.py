"""Does somebody who looks at the desk as another see what that one sees, never more than their own, and change nothing?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.web.conftest import As
from tests.web.world import CANARY


@pytest.fixture
def owner(world: Any) -> Iterator[Any]:
    with psycopg.connect(world.urls.owner, autocommit=True) as conn:
        yield conn


def test_a_manager_sees_names_go_when_seeing_as_the_client_does(world: Any, as_: As, owner: Any) -> None:
    carl = as_("carl")
    assert "Bob Builder" in carl.get("/c/acme/referrals?state=qualified").content.decode()
    assert carl.post("/c/acme/team/see-as", {"role": "client_viewer"}).status_code == 303
    page = carl.get("/c/acme/referrals?state=qualified").content.decode()
    assert "Bob Builder" not in page and "B. B." in page
    assert "Client viewer" in page and "read only" in page and 'action="/see-as/end"' in page
    assert carl.get("/c/acme/events").status_code == 403
    assert carl.get("/c/acme/team").status_code == 403
    assert carl.post("/see-as/end").status_code == 303
    assert "Bob Builder" in carl.get("/c/acme/referrals?state=qualified").content.decode()
    told = owner.execute("SELECT verb, role FROM action WHERE verb LIKE 'user.see_as%' ORDER BY at").fetchall()
    assert ("user.see_as:begin:client_viewer", "manager") in told and (
        "user.see_as:end:client_viewer",
        "manager",
    ) in told


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_is_changed_while_seeing_as_another(world: Any, as_: As, owner: Any, method: str) -> None:
    carl = as_("carl")
    carl.post("/c/acme/team/see-as", {"role": "manager"})
    for path in ("/c/acme/team/invite", f"/c/acme/team/usr_{world.users['dan']}/roles", "/c/acme/search", "/look",
                 "/c/acme/team/see-as", "/see-as"):  # fmt: skip
        answer = getattr(carl, method)(path, {"email": "sneaky@house.test", "role": "agent"})
        assert answer.status_code == 403 and "read only" in answer.content.decode(), path
    assert owner.execute("SELECT count(*) FROM store_user WHERE email = 'sneaky@house.test'").fetchone() == (0,)
    carl.post("/see-as/end")


def test_seeing_as_a_role_above_shows_no_more_than_ones_own(world: Any, as_: As) -> None:
    carl = as_("carl")
    carl.post("/c/acme/team/see-as", {"role": "admin"})
    assert carl.get("/users").status_code == 403
    assert carl.get("/c/acme/referrals").status_code == 200
    assert carl.get("/c/globex/referrals").status_code == 404
    carl.post("/see-as/end")
    carl.post("/c/acme/team/see-as", {"role": "auditor"})
    page = carl.get("/c/acme/referrals?state=qualified").content.decode()
    assert "Bob Builder" not in page, "an auditor sees no names, though a manager does"
    carl.post("/see-as/end")


def test_an_administrator_sees_as_a_person_at_the_clients_of_both(world: Any, as_: As) -> None:
    olga = as_("olga")
    olga.post("/see-as", {"user": f"usr_{world.users['vera']}"})
    page = olga.get("/c/acme/referrals").content.decode()
    assert "Vera" in page and "Builder" not in page
    assert olga.get("/c/globex/referrals").status_code == 404, "Vera does not serve Globex"
    assert olga.get("/users").status_code == 403
    olga.post("/see-as/end")
    assert olga.get("/c/globex/referrals").status_code == 200


def test_seeing_as_it_of_the_house(world: Any, as_: As) -> None:
    olga = as_("olga")
    olga.post("/see-as", {"role": "it"})
    assert olga.get("/users").status_code == 200
    page = olga.get("/users").content.decode()
    assert "Let somebody in" not in page, "IT lets nobody in"
    assert olga.get("/c/acme/referrals").status_code == 403
    olga.post("/see-as/end")


def test_it_ends_by_itself_when_the_right_or_the_person_goes(world: Any, as_: As, owner: Any) -> None:
    olga = as_("olga")
    olga.post("/see-as", {"user": f"usr_{world.users['dev']}"})
    assert olga.get("/c/acme/team").status_code == 403
    owner.execute("UPDATE store_user SET is_active = false WHERE email = 'dev@house.test'")
    try:
        assert olga.get("/c/acme/team").status_code == 200
    finally:
        owner.execute("UPDATE store_user SET is_active = true WHERE email = 'dev@house.test'")


def test_who_may_not_see_as_anybody(world: Any, as_: As) -> None:
    for name in ("dan", "lee", "vera", "audra", "ida", "dev"):
        assert as_(name).post("/c/acme/team/see-as", {"role": "agent"}).status_code == 403
        assert as_(name).post("/see-as", {"role": "agent"}).status_code == 403
    carl = as_("carl")
    assert carl.post("/see-as", {"role": "agent"}).status_code == 403, "a manager of one client, not of the house"
    assert carl.post("/c/globex/team/see-as", {"role": "agent"}).status_code == 404
    for bad in ({}, {"role": "operator"}, {"role": "x"}, {"user": "usr_x"}, {"role": "agent", "user": "usr_1"}):
        assert carl.post("/c/acme/team/see-as", bad).status_code == 404
    assert CANARY not in carl.get("/c/acme/team").content.decode()
