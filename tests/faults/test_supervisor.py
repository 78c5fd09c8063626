"""`make run`: everything comes up, and Ctrl-C leaves no process behind."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

pytestmark = pytest.mark.faults
START_SECONDS = 120


def _processes_of(folder: Path) -> list[str]:
    """Processes that were started with this data folder, or that keep a file in it."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            environment = (entry / "environ").read_bytes()
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in environment + command and int(entry.name) != os.getpid():
            found.append(command.replace(b"\0", b" ").decode())
    return found


def _wait_for_line(process: "subprocess.Popen[str]", text: str) -> None:
    """Read what it prints up to a line; a run that says nothing for too long is killed, which ends the reading."""
    assert process.stdout is not None
    limit = threading.Timer(START_SECONDS, process.kill)
    limit.start()
    try:
        assert any(text in line for line in process.stdout), "it did not start"
    finally:
        limit.cancel()


def test_ctrl_c_stops_every_process_of_the_run(tmp_path: Path) -> None:
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "PORT": "0", "STAND_IN_PORT": "0", "PYTHONPATH": os.getcwd()}
    for name in ("REDIS_URL", "DATABASE_URL"):
        environment.pop(name, None)
    process = subprocess.Popen([sys.executable, "-m", "app.development"], env=environment, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        _wait_for_line(process, "按 Ctrl-C 停止")
        assert len(_processes_of(tmp_path)) >= 5
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()
    assert _processes_of(tmp_path) == []
