"""Whose rows may be seen and written just now? The one door to the rows of clients.

    with client_scope(client_id): ...            one client, to read and to write
    with clients_scope(ids, write=one): ...      several to read, at most one to write
    with user_scope(user_id): ...                a person's own memberships
    with house_scope(): ...                      who works here, for all clients and for each

A scope is a transaction in which the settings that the policies read are SET LOCAL: they end with it, whatever happens.
A nested scope replaces the outer one and puts it back. Querysets are lazy: whatever is evaluated after the block raises
`NoClientScope`, so a web response is rendered inside (`scoped_response`) and a stream opens its own (`scoped_stream`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar, cast
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

from .backend.base import DatabaseWrapper
from .backend.guard import CLOSED, Scope

Id = UUID | str
Piece = TypeVar("Piece")
HOUSE = UUID(int=0)  # the log of acts that concern no single client


@contextmanager
def client_scope(client_id: Id, *, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Read and write the rows of one client."""
    one = _uuid(client_id)
    with _opened(replace(current(using), client_ids=(one,), write=one), using):
        yield


@contextmanager
def clients_scope(ids: Iterable[Id], write: Id | None = None, *, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Read the rows of several clients; write those of `write`, or none."""
    to_read = tuple(sorted({_uuid(one) for one in ids}, key=str))
    to_write = None if write is None else _uuid(write)
    if to_write is not None and to_write not in to_read:
        raise ValueError("the client to write for must be among those to read")
    with _opened(replace(current(using), client_ids=to_read, write=to_write), using):
        yield


@contextmanager
def user_scope(user_id: Id, *, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Read the memberships of one person; an open client's scope stays open."""
    with _opened(replace(current(using), user_id=_uuid(user_id)), using):
        yield


@contextmanager
def house_scope(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Read and write who works here: for work that a role for the whole house asked for, and for nothing else."""
    with _opened(replace(current(using), house=True), using):
        yield


def current(using: str = DEFAULT_DB_ALIAS) -> Scope:
    """The scope that is open on this thread's connection."""
    return _connection(using).scope


def scoped_stream(
    pieces: Iterable[Piece],
    ids: Iterable[Id],
    write: Id | None = None,
    *,
    user_id: Id | None = None,
    using: str = DEFAULT_DB_ALIAS,
) -> Iterator[Piece]:
    """The same pieces, made inside a scope of their own, since a server takes them after the view has returned."""
    with clients_scope(ids, write, using=using):
        if user_id is None:
            yield from pieces
        else:
            with user_scope(user_id, using=using):
                yield from pieces


def scoped_response(
    get_response: Callable[[HttpRequest], HttpResponseBase],
    request: HttpRequest,
    ids: Iterable[Id],
    write: Id | None = None,
    *,
    user_id: Id | None = None,
    using: str = DEFAULT_DB_ALIAS,
) -> HttpResponseBase:
    """For middleware: answer a request with the scope open around all of it, rendering and streaming included.

    Django turns an exception of the view into a response before middleware sees it; a failed answer (5xx) therefore
    takes back what it wrote.
    """
    to_read = tuple(ids)
    with clients_scope(to_read, write, using=using):
        if user_id is None:
            response = _answer(get_response, request, using)
        else:
            with user_scope(user_id, using=using):
                response = _answer(get_response, request, using)
    if isinstance(response, StreamingHttpResponse) and not response.is_async:
        pieces = cast("Iterator[bytes]", response.streaming_content)
        response.streaming_content = scoped_stream(pieces, to_read, write, user_id=user_id, using=using)
    return response


def _answer(
    get_response: Callable[[HttpRequest], HttpResponseBase], request: HttpRequest, using: str
) -> HttpResponseBase:
    response = get_response(request)
    render: Callable[[], Any] | None = getattr(response, "render", None)
    if render is not None and not getattr(response, "is_rendered", True):
        response = cast("HttpResponseBase", render())
    if response.status_code >= 500:
        transaction.set_rollback(True, using=using)
    return response


@contextmanager
def _opened(scope: Scope, using: str) -> Iterator[None]:
    connection = _connection(using)
    outer = connection.scope
    is_nested = connection.in_atomic_block
    with transaction.atomic(using=using):
        _set_local(connection, outer, scope)
        connection.scope = scope
        try:
            yield
        finally:
            connection.scope = outer
        # Commit and rollback undo SET LOCAL by themselves; the release of a savepoint does not.
        if is_nested and not connection.needs_rollback:
            _set_local(connection, scope, outer)


def _set_local(connection: DatabaseWrapper, before: Scope, after: Scope) -> None:
    """Statements and not set_config(): Citus sends on the former only. Every value is a parsed UUID, or a word of ours."""
    changes = []
    if before.client_ids != after.client_ids:
        changes.append(("app.client_ids", ",".join(map(str, after.client_ids or ()))))
    if before.write != after.write:
        changes.append(("app.client_id", str(after.write or "")))
    if before.user_id != after.user_id:
        changes.append(("app.user_id", str(after.user_id or "")))
    if before.house != after.house:
        changes.append(("app.house", "on" if after.house else ""))
    if not changes:
        return
    with connection.cursor() as cursor:
        if connection.is_citus:
            cursor.execute("SET LOCAL citus.propagate_set_commands = 'local'")
        for name, value in changes:
            cursor.execute(f"SET LOCAL {name} = '{value}'")


def _connection(using: str) -> DatabaseWrapper:
    return cast("DatabaseWrapper", connections[using])


def _uuid(value: Id) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


__all__ = [
    "CLOSED", "HOUSE", "Scope", "client_scope", "clients_scope", "current", "house_scope", "scoped_response",
    "scoped_stream", "user_scope",
]  # fmt: skip
