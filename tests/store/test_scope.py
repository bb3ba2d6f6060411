"""Does a query without a scope fail loudly, and does a scope end where it should? Django as the app role."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from goodword.errors import NoClientScope
from goodword.store.backend.guard import CLOSED
from goodword.store.scope import (
    client_scope,
    clients_scope,
    current,
    house_scope,
    scoped_response,
    scoped_stream,
    user_scope,
)

from .conftest import ACME, CARL, GLOBEX, OLGA

pytestmark = pytest.mark.usefixtures("web", "two_clients")


@pytest.fixture
def models(web: None) -> Any:
    """The models, once Django is set up."""
    from goodword.store import models

    return models


def settings_in_database() -> tuple[str, str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"coalesce(current_setting('app.{name}', true), '')"
                                             for name in ("client_ids", "client_id", "user_id")))  # fmt: skip
        found: tuple[str, str, str] = cursor.fetchone()
        return found


def test_without_a_scope_the_orm_raises(models: Any) -> None:
    for model in (models.Program, models.Event, models.Lane, models.EventKey, models.ClientKey):
        with pytest.raises(NoClientScope, match=model._meta.db_table):
            list(model.objects.all())


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT count(*) FROM program",
        'SELECT 1 FROM "client" c JOIN PROGRAM p ON p.client_id = c.id',
        "INSERT INTO counter (client_id, key) VALUES (gen_random_uuid(), 'x')",
        "SELECT 1 FROM client, public.reward",
        "SELECT 1 FROM event_2026_11",
        "SELECT 1 FROM event_default",
        "DELETE FROM outbox",
    ],
)
def test_without_a_scope_raw_sql_raises(statement: str) -> None:
    with connection.cursor() as cursor, pytest.raises(NoClientScope):
        cursor.execute(statement)
    with connection.cursor() as cursor, pytest.raises(NoClientScope):
        cursor.executemany(statement, [(), ()])


def test_tables_of_the_house_need_no_scope(models: Any) -> None:
    assert set(models.Client.objects.values_list("slug", flat=True)) == {"acme", "globex"}
    assert models.User.objects.get_by_natural_key("CARL@house.test").id == CARL


def test_a_scope_shows_one_client(models: Any) -> None:
    with client_scope(ACME):
        assert models.Program.objects.count() == 3
        assert models.Program.objects.filter(client_id=GLOBEX).count() == 0
        assert models.Event.objects.count() == 5
    with client_scope(str(GLOBEX)):
        assert {row.client_id for row in models.Program.objects.all()} == {GLOBEX}


def test_several_clients_are_read_and_one_is_written(models: Any) -> None:
    with clients_scope([ACME, GLOBEX]):
        assert models.Program.objects.count() == 6
        with pytest.raises(DatabaseError), transaction.atomic():
            models.Program.objects.create(client_id=ACME, slug="none", name="none may be written")
    with clients_scope([ACME, GLOBEX], write=GLOBEX):
        models.Program.objects.create(client_id=GLOBEX, slug="new", name="new")
        with pytest.raises(DatabaseError), transaction.atomic():
            models.Program.objects.create(client_id=ACME, slug="new", name="new")
        transaction.set_rollback(True)
    with pytest.raises(ValueError, match="among those to read"), clients_scope([ACME], write=GLOBEX):
        pass
    with clients_scope([]):
        assert models.Program.objects.count() == 0


def test_a_scope_ends_with_its_block(models: Any) -> None:
    with client_scope(ACME):
        late = models.Program.objects.all()
    assert current() == CLOSED
    with pytest.raises(NoClientScope):
        list(late)
    assert settings_in_database() == ("", "", "")


def test_a_nested_scope_puts_the_outer_one_back(models: Any) -> None:
    with client_scope(ACME):
        with client_scope(GLOBEX):
            assert models.Program.objects.count() == 3
            assert settings_in_database()[:2] == (str(GLOBEX), str(GLOBEX))
        assert settings_in_database()[:2] == (str(ACME), str(ACME))
        with pytest.raises(RuntimeError), clients_scope([ACME, GLOBEX]):
            raise RuntimeError
        assert settings_in_database()[:2] == (str(ACME), str(ACME))
        with clients_scope([GLOBEX]):
            transaction.set_rollback(True)
        assert settings_in_database()[:2] == (str(ACME), str(ACME))
        assert models.Program.objects.filter(client_id=GLOBEX).count() == 0


def test_a_scope_inside_a_plain_transaction_leaves_nothing(models: Any) -> None:
    with transaction.atomic():
        with client_scope(ACME):
            assert models.Program.objects.count() == 3
        assert settings_in_database() == ("", "", "")
        with pytest.raises(NoClientScope):
            models.Program.objects.count()


def test_what_runs_after_the_commit_is_outside() -> None:
    seen: list[Any] = []
    with client_scope(ACME):
        transaction.on_commit(lambda: seen.append(current()))
    assert seen == [CLOSED]


@pytest.mark.parametrize("bad", ["", "acme", "'; DROP TABLE program; --", "aaaa' OR true"])
def test_an_id_that_is_none_never_reaches_the_database(bad: str) -> None:
    with pytest.raises(ValueError, match="badly formed"), client_scope(bad):
        pass


def test_memberships_are_read_by_the_person_they_are_of(models: Any) -> None:
    with pytest.raises(NoClientScope):
        models.Membership.objects.count()
    with user_scope(CARL):
        assert [one.client_id for one in models.Membership.objects.all()] == [ACME]
        with client_scope(ACME):
            assert models.Membership.objects.count() == 2, "whoever is in a client's scope sees who works for it"
            assert models.Program.objects.count() == 3
        with pytest.raises(NoClientScope):
            models.Program.objects.count()
    with user_scope(OLGA):
        assert {one.client_id for one in models.Membership.objects.all()} == {ACME, GLOBEX}
        with pytest.raises(DatabaseError), transaction.atomic():
            models.Membership.objects.create(user_id=OLGA, client_id=ACME, role="administrator")


def test_who_works_here_is_written_for_the_client_in_scope_or_for_the_house(models: Any) -> None:
    def give(client: Any) -> Any:
        return models.Membership.objects.create(user_id=CARL, client_id=client, role="auditor")

    for scope, client in ((client_scope(ACME), GLOBEX), (client_scope(ACME), None), (clients_scope([ACME]), ACME)):
        with user_scope(CARL), scope, pytest.raises(DatabaseError), transaction.atomic():
            give(client)
    with user_scope(CARL), client_scope(ACME):
        given = give(ACME)
        assert models.Membership.objects.filter(id=given.id).delete()[0] == 1
    with user_scope(CARL), clients_scope([ACME]):
        assert models.Membership.objects.filter(user_id=CARL).delete()[0] == 0, "to read is not to write"
    with user_scope(CARL), client_scope(GLOBEX):
        assert models.Membership.objects.filter(client_id=ACME, user_id=OLGA).count() == 0
        assert models.Membership.objects.filter(user_id=CARL).delete()[0] == 0, "one's own rows are read only"
    with house_scope():
        assert models.Membership.objects.count() == 3
        given = give(None)
        assert models.Membership.objects.filter(id=given.id).delete()[0] == 1
    with pytest.raises(NoClientScope):
        models.Membership.objects.count()


def test_the_settings_of_a_client_are_written_inside_its_scope_alone(models: Any) -> None:
    with client_scope(ACME):
        assert models.Client.objects.filter(id=ACME).update(colour="#0b6e63") == 1
        assert models.Client.objects.filter(id=GLOBEX).update(colour="#0b6e63") == 0
        with pytest.raises(DatabaseError), transaction.atomic():
            models.Client.objects.filter(id=ACME).update(currency="USD")
    assert models.Client.objects.filter(id=ACME).update(colour="#000000") == 0
    with house_scope():
        assert models.Client.objects.filter(id=ACME).update(colour="#000000") == 0
        with pytest.raises(DatabaseError), transaction.atomic():
            models.Client.objects.create(slug="fresh", name="Fresh", code_prefix="FRE")


def names(models: Any) -> list[str]:
    return sorted(models.Program.objects.values_list("name", flat=True))


def test_a_stream_opens_its_own_scope(models: Any) -> None:
    def body() -> Iterator[str]:
        for program in models.Program.objects.order_by("slug").iterator(chunk_size=1):
            yield program.name

    with pytest.raises(NoClientScope):
        list(body())
    told = list(scoped_stream(body(), [ACME]))
    assert len(told) == 3
    assert all(name.startswith("Acme") for name in told)
    half: Any = scoped_stream(body(), [GLOBEX])
    assert next(half).startswith("Globex")
    half.close()
    assert current() == CLOSED
    assert not connection.in_atomic_block


class Lazy(HttpResponse):
    """A response that is rendered late, as TemplateResponse is."""

    is_rendered = False

    def __init__(self, models: Any) -> None:
        super().__init__()
        self.models = models

    def render(self) -> HttpResponse:
        self.is_rendered = True
        self.content = "|".join(names(self.models)).encode()
        return self


def test_a_response_is_rendered_inside(models: Any) -> None:
    response = scoped_response(lambda request: Lazy(models), HttpRequest(), [ACME])
    assert isinstance(response, HttpResponse)
    assert response.content.decode().count("Acme canary") == 3
    assert b"Globex" not in response.content


def test_a_streamed_response_is_made_inside(models: Any) -> None:
    def view(request: HttpRequest) -> StreamingHttpResponse:
        return StreamingHttpResponse(program.name + "\n" for program in models.Program.objects.iterator())

    unscoped = StreamingHttpResponse(row.name for row in models.Program.objects.all().iterator())  # evaluated late
    with pytest.raises(NoClientScope):
        list(unscoped)
    response = scoped_response(view, HttpRequest(), [ACME], ACME, user_id=CARL)
    assert isinstance(response, StreamingHttpResponse)
    assert current() == CLOSED
    body = response.getvalue()
    assert body.count(b"Acme canary") == 3
    assert b"Globex" not in body
    assert current() == CLOSED


def test_a_failed_answer_takes_back_what_it_wrote(models: Any) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        models.Program.objects.create(client_id=ACME, slug="half", name="half done")
        return HttpResponse(status=500)

    assert scoped_response(view, HttpRequest(), [ACME], ACME).status_code == 500
    with client_scope(ACME):
        assert not models.Program.objects.filter(slug="half").exists()


def test_threads_do_not_share_a_scope(models: Any) -> None:
    seen: dict[UUID, list[set[UUID]]] = {ACME: [], GLOBEX: []}
    start = threading.Barrier(4)

    def look(client: UUID) -> None:
        start.wait()
        try:
            for _ in range(15):
                with client_scope(client):
                    seen[client].append(set(models.Program.objects.values_list("client_id", flat=True)))
        finally:
            connection.close()

    threads = [threading.Thread(target=look, args=(client,)) for client in (ACME, GLOBEX) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for client, answers in seen.items():
        assert answers == [{client}] * 30
