"""How does the web process listen? Granian with one worker that ends when it does: `transport MODULE:APPLICATION`."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server
from granian.utils.proxies import wrap_asgi_with_proxy_headers

from goodword import settings
from goodword.house.launch import die_with_parent

STOP_SECONDS = 15


def load(parent_pid: int, target: str) -> Callable[..., Any]:
    """Load the application inside the worker, tied to the life of its parent."""
    die_with_parent(signal.SIGKILL, parent_pid)
    module, _, name = target.partition(":")
    application: Callable[..., Any] = getattr(importlib.import_module(module), name)
    proxies = settings.listed("proxies")
    return wrap_asgi_with_proxy_headers(application, trusted_hosts=proxies) if proxies else application


def main(target: str) -> None:
    """One worker: the keys in memory, the queue and the group commit are one process's."""
    server = Server(
        target,
        address=settings.text("host"),
        port=settings.number("port"),
        interface=Interfaces.ASGI,
        workers=1,
        http=HTTPModes.http1,
        backlog=2048,
        backpressure=2048,
        websockets=False,
        log_level=LogLevels.warning,
        log_access=False,
        workers_kill_timeout=STOP_SECONDS,
    )
    server.serve(target_loader=partial(load, os.getpid()))


if __name__ == "__main__":
    main(sys.argv[1])
