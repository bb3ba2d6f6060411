"""The API is asked on the world of the pages: the same two clients, the same Django."""

from tests.web.conftest import as_, site, world

__all__ = ["as_", "site", "world"]
