"""`make run`: the whole product on one machine with demo data, until Ctrl-C.

Starts Valkey, the platform's stand-in, the web server and a worker as child processes, on free ports where
the usual ones are taken, and leaves none behind.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import urllib3

from app import embedded_redis, settings
from services import demo

#: Credentials that only the stand-in knows.
STAND_IN = {
    "WECHAT_MINI_APPID": "wxdemo00000000mini", "WECHAT_MINI_SECRET": "demo-mini-secret-not-a-real-one-",
    "WECHAT_MINI_TOKEN": "demominitoken", "WECHAT_MINI_AES_KEY": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    "WECHAT_OA_APPID": "wxdemo000000000oa0", "WECHAT_OA_SECRET": "demo-oa-secret-not-a-real-one---",
    "WECHAT_OA_TOKEN": "demooatoken", "WECHAT_OA_AES_KEY": "ABCDEFGhijklmnopqrstuvwxyz0123456789abcdefg",
    "WECHAT_TEMPLATE_NOTICE": "tmpl-notice", "WECHAT_TEMPLATE_OPINION": "tmpl-opinion",
    "WECOM_CORP_ID": "wwdemo0000000000", "WECOM_AGENT_ID": "1000002", "WECOM_ROBOTS": "联络员工作群:demo-robot-key",
    "WECOM_SECRET": "demo-wecom-secret-not-a-real-one",
    "WECHAT_TEMPLATE_RECEPTION": "tmpl-reception", "SERVICE_PHONE": "0799-1234567",
}
_READY_SECONDS = 60
_PDEATHSIG = 1


class Children:
    """The processes of this run; all of them end with it, however it ends."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = dict(environment)
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []

    def run(self, *command: str) -> None:
        """Run one step to its end; a failure ends the start."""
        done = subprocess.run([sys.executable, "-m", *command], env=self.environment, check=False)
        if done.returncode:
            raise SystemExit(f"启动失败：{' '.join(command)}")

    def start(self, name: str, *command: str) -> None:
        self._running.append((name, subprocess.Popen(
            [sys.executable, "-m", *command], env=self.environment, stdin=subprocess.DEVNULL, start_new_session=True,
            preexec_fn=_die_with_parent)))

    def first_dead(self) -> str | None:
        return next((name for name, process in self._running if process.poll() is not None), None)

    def stop(self) -> None:
        """Ask all to end, last started first; insist after a while."""
        for _name, process in reversed(self._running):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + 10
        for _name, process in self._running:
            try:
                process.wait(max(deadline - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _die_with_parent() -> None:
    """Linux: a child gets SIGTERM when this process is gone, even after kill -9."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PDEATHSIG, signal.SIGTERM)


def free_port(wanted: int) -> int:
    """The wanted port of this machine, or any free one where it is taken."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise SystemExit("没有空闲端口")


def build_environment(web_port: int, stand_in_port: int) -> dict[str, str]:
    web, stand_in = f"http://127.0.0.1:{web_port}", f"http://127.0.0.1:{stand_in_port}"
    return {**STAND_IN, **os.environ, "APP_STAGE": "development", "PUBLIC_BASE_URL": web, "WECHAT_API_BASE": stand_in,
            "WECOM_API_BASE": stand_in,
            "SMS_URL": f"{stand_in}/sandbox/sms", "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
            "PYTHONUNBUFFERED": "1"}


def wait_until_ready(address: str, children: Children) -> None:
    pool = urllib3.PoolManager(retries=False, timeout=2)
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        dead = children.first_dead()
        if dead is not None:
            raise SystemExit(f"{dead} 没有启动起来，请看上面的日志。")
        try:
            if pool.request("GET", address).status < 500:
                return
        except urllib3.exceptions.HTTPError:
            pass
        signal.sigtimedwait([], 0.1)
    raise SystemExit(f"{address} 在{_READY_SECONDS}秒内没有响应。")


def start(children: Children, web_port: int, stand_in_port: int) -> None:
    """Bring everything up in order: stand-in, database with its demo people, web and worker."""
    web, stand_in = f"http://127.0.0.1:{web_port}", f"http://127.0.0.1:{stand_in_port}"
    children.start("stand-in", "wechat.sandbox", "--host", "127.0.0.1", "--port", str(stand_in_port), "--product", web)
    # The web server reads no table before its first request, so it boots while the database is prepared.
    children.start("web", "gunicorn", "--config", "deploy/gunicorn.conf.py", "--bind", f"127.0.0.1:{web_port}",
                   "wsgi:application")
    wait_until_ready(f"{stand_in}/sandbox/identity", children)
    children.run("flask", "--app", "wsgi", "demo", "start")
    children.start("worker", "app.jobs.worker")
    wait_until_ready(f"{web}/healthz", children)


def main() -> None:
    data_dir = settings.from_env().data_dir
    web_port = free_port(int(os.environ.get("PORT", "8080")))
    stand_in_port = free_port(int(os.environ.get("STAND_IN_PORT", "8090")))
    children = Children(build_environment(web_port, stand_in_port))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # A shell that starts this in the background leaves SIGINT ignored; Ctrl-C must work all the same.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        os.environ["REDIS_URL"] = children.environment["REDIS_URL"] = f"unix://{embedded_redis.ensure_server(data_dir)}"
        start(children, web_port, stand_in_port)
        _announce(web_port, stand_in_port)
        while (dead := children.first_dead()) is None:
            time.sleep(0.5)
        print(f"{dead} 意外退出，正在停止。", file=sys.stderr)
    except KeyboardInterrupt:
        print()
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        children.stop()
        embedded_redis.stop_server(data_dir)


def _announce(web_port: int, stand_in_port: int) -> None:
    print(f"\n网上人大代表之家已启动（演示数据，仅供开发）\n  首页      http://127.0.0.1:{web_port}/\n"
          f"  手机端    http://127.0.0.1:{web_port}/m/\n  后台      http://127.0.0.1:{web_port}/console/\n"
          f"  开发替身  http://127.0.0.1:{stand_in_port}/  （短信验证码 http://127.0.0.1:{stand_in_port}/outbox）\n",
          flush=True)
    for line in demo.list_log_ins():
        print(f"  {line['door']}  {line['who']}  {line['how']}")
    print("\n按 Ctrl-C 停止。", flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    main()
