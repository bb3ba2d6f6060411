"""Does everything that serves come back when it falls, and end when it should?"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from goodword.errors import GoodwordError
from goodword.house.folder import DataFolder
from goodword.house.postgres import Cluster
from goodword.house.supervise import health, require_free_port, stop_running

# The installation in small: a real cluster, a web child that answers, a worker that sleeps.
_INSTALLATION = '''
import sys
from pathlib import Path
from goodword.house.folder import DataFolder
from goodword.house.postgres import Cluster
from goodword.house.supervise import Child, Supervisor

WEB = """
import http.server, signal, sys, threading
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer.allow_reuse_address = True
server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server.serve_forever()
print("flushed", flush=True)
"""
port = sys.argv[2]
folder = DataFolder(Path(sys.argv[1]))
folder.prepare()
folder.lock()
cluster = Cluster(folder)
cluster.start()
children = [
    Child("web", [sys.executable, "-c", WEB, port], {}),
    Child("worker", [sys.executable, "-c", "import time; time.sleep(600)"], {}),
]
supervisor = Supervisor(folder, children, f"http://127.0.0.1:{port}", cluster)
supervisor.run(lambda: print("ready", flush=True))
cluster.stop()
print("stopped", flush=True)
'''


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(found: Callable[[], Any], seconds: float = 20.0) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if result := found():
            return result
        time.sleep(0.05)
    raise AssertionError("it did not come to that in time")


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class Installation:
    """A running supervisor, seen from outside."""

    def __init__(self, root: Path) -> None:
        self.folder = DataFolder(root)
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-c", _INSTALLATION, str(root), str(self.port)], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.output = self.process.stdout
        assert self.output.readline() == "ready\n"

    def pids(self) -> dict[str, int]:
        state = json.loads(self.folder.serve_file.read_text())
        return {name: child["pid"] for name, child in state["children"].items() if child["pid"]}

    def replaced(self, name: str, old_pid: int) -> bool:
        return self.pids().get(name) not in {None, old_pid}

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.output.close()


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path / "data")
    yield made
    made.end()


def test_a_killed_child_comes_back(installation: Installation) -> None:
    before = installation.pids()
    os.kill(before["web"], signal.SIGKILL)
    eventually(lambda: installation.replaced("web", before["web"]))
    eventually(lambda: health(f"http://127.0.0.1:{installation.port}") == 200)
    assert installation.pids()["worker"] == before["worker"]


def test_a_killed_database_comes_back_with_its_rows(installation: Installation) -> None:
    before = installation.pids()
    urls = Cluster(installation.folder).urls()
    with psycopg.connect(urls.owner) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
    os.kill(before["postgres"], signal.SIGKILL)
    eventually(lambda: installation.replaced("postgres", before["postgres"]))
    with psycopg.connect(urls.owner) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1,)


def test_stop_flushes_and_leaves_nothing_running(installation: Installation) -> None:
    pids = installation.pids()
    assert stop_running(installation.folder) == installation.process.pid
    assert installation.output.readline() == "stopped\n"
    assert installation.process.wait(10) == 0
    assert (installation.folder.log / "web.log").read_text() == "flushed\n"
    assert [name for name, pid in pids.items() if is_running(pid)] == []
    assert not (installation.folder.postgres / "postmaster.pid").exists()


def test_ctrl_c_stops_as_cleanly(installation: Installation) -> None:
    installation.process.send_signal(signal.SIGINT)
    installation.process.send_signal(signal.SIGINT)
    assert installation.process.wait(30) == 0
    assert not (installation.folder.postgres / "postmaster.pid").exists()


def test_nothing_outlives_a_killed_supervisor(installation: Installation) -> None:
    pids = installation.pids()
    installation.process.kill()
    installation.process.wait()
    eventually(lambda: not any(is_running(pid) for pid in pids.values()))
    assert not installation.folder.is_locked()


def test_a_taken_port_is_named_with_the_next_one(installation: Installation) -> None:
    with pytest.raises(GoodwordError) as refusal:
        require_free_port("127.0.0.1", installation.port)
    assert f"127.0.0.1:{installation.port}" in refusal.value.what
    assert f"PORT={installation.port + 1}" in refusal.value.repair


def test_a_child_that_cannot_start_ends_the_start_with_its_last_words(tmp_path: Path) -> None:
    code = _INSTALLATION.replace('"import time; time.sleep(600)"', '"raise SystemExit(\'no such table\')"').replace(
        "supervisor.run(", "from goodword.errors import GoodwordError\ntry:\n  supervisor.run("
    ).replace("print(\"ready\", flush=True))", "None)\nexcept GoodwordError as error:\n  print(error, flush=True)")
    code = code.replace('WEB = """', 'WEB = """\nimport time; time.sleep(600)\n')
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "data"), str(free_port())],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "worker keeps falling" in done.stdout
    assert "no such table" in done.stdout
