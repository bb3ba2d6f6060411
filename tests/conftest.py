"""What do all tests share? One PostgreSQL a run, and a fresh migrated database for each test module that asks."""

from __future__ import annotations

import itertools
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from goodword.commands.migrate import migrate
from goodword.house.postgres import Cluster
from goodword.house.roles import Urls

TEMPLATE = "goodword_template"
# Speed for durability: a test database is thrown away. Tests of crashes start a cluster of their own without these.
FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "off"}
_numbers = itertools.count(1)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `-n`, processes take whole files. Each has a PostgreSQL, a temporary folder and an environment of its own."""
    from tests.sharing_out import WholeFiles

    return WholeFiles(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long files begin first where tests are shared out; alone they run in the order of the folders."""
    if hasattr(config, "workerinput"):
        from tests.sharing_out import begins_at

        items.sort(key=lambda item: begins_at(item.nodeid))


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The PostgreSQL of this run; nothing is migrated yet."""
    folder = tmp_path_factory.mktemp("cluster")
    started = Cluster(folder, options=FAST)
    started.start()
    yield started
    started.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> str:
    """The name of a migrated, empty database to copy."""
    migrate(cluster.create_database(TEMPLATE))
    return TEMPLATE


@pytest.fixture(scope="module")
def urls(cluster: Cluster, template: str, request: pytest.FixtureRequest) -> Iterator[Urls]:
    """A migrated database for this module alone, seen as owner, engine and app."""
    stem = re.sub(r"\W", "_", Path(request.path).stem)[:40]
    name = f"{stem}_{next(_numbers)}"
    yield cluster.create_database(name, template=template)
    cluster.drop_database(name)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser on this machine; tests marked `browser` skip with this reason where there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    return found
