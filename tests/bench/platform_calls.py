"""`python -m tests.bench.platform_calls`: how fast messages leave, beside wechatpy's own client in the same thread pool.

Each figure is of a process of its own, so that no client profits from another's warm pool. The last lines are the
stand-in's own rate on one core, with 100 ms added to every call.
"""

import contextlib
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from wechat.config import AccountConfig
from wechat.mini import MiniProgram
from wechat.tokens import MemoryTokenStore, TokenProvider
from wechat.transport import Transport

SECONDS = float(os.environ.get("BENCH_SECONDS", "3"))
DATA = {"thing1": "关于召开会议的通知", "thing2": "县人大常委会", "time3": "2026年1月5日 09:00", "thing4": "请准时"}
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
CASES = [(threads, latency) for latency in (0.0, 0.1) for threads in (20, 50, 100, 200)]
Send = Callable[[str], object]


def ours(base: str, threads: int) -> Send:
    """The adapter as it is wired: one client, one pool of connections, for all threads."""
    transport = Transport([base], pool_size=threads)
    config = AccountConfig("mini", "wxbench", "secret", "token", (AES_KEY,))
    mini = MiniProgram(config, transport, TokenProvider(MemoryTokenStore()))
    return lambda openid: mini.send_subscribe_message(openid, "tmpl-notice", DATA, "pages/a")


def wechatpys(base: str, threads: int) -> Send:
    """wechatpy's client, one for each thread, since its session is not promised to be safe for several."""
    from wechatpy.client import WeChatClient
    from wechatpy.client.api.wxa import WeChatWxa

    WeChatWxa.API_BASE_URL = f"{base}/"
    local = threading.local()
    body = {name: {"value": value} for name, value in DATA.items()}

    def send(openid: str) -> object:
        if not hasattr(local, "client"):
            local.client = WeChatClient("wxbench", "secret", access_token="bench-token", timeout=10)
        return local.client.wxa.send_subscribe_message(openid, "tmpl-notice", body, "pages/a")

    return send


CLIENTS = {"ours": ours, "wechatpy": wechatpys}


def measure(name: str, base: str, threads: int) -> tuple[float, float]:
    """Messages a second, and milliseconds of processor time for each."""
    send = CLIENTS[name](base, threads)
    send("warm-up")
    until = time.monotonic() + SECONDS

    def work(thread: int) -> int:
        sent = 0
        while time.monotonic() < until:
            send(f"o{thread}-{sent}")
            sent += 1
        return sent

    started, before = time.monotonic(), _processor()
    with ThreadPoolExecutor(threads) as pool:
        sent = sum(pool.map(work, range(threads)))
    return sent / (time.monotonic() - started), (_processor() - before) / sent * 1000


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@contextlib.contextmanager
def quick_platform(latency: float) -> Iterator[str]:
    command = [sys.executable, "-m", "tests.bench.quick_platform", str(latency)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.terminate()


@contextlib.contextmanager
def stand_in(latency: float) -> Iterator[str]:
    """The stand-in in a process of its own, held to one core where the system can do that."""
    accounts = [f"--{kind}-{name}={value}" for kind in ("mini", "oa") for name, value in (
        ("appid", "wxbench" if kind == "mini" else "wxoabench"), ("secret", "secret"), ("token", "t"), ("aes-key", AES_KEY))]
    command = [sys.executable, "-m", "wechat.sandbox", "--port", "0", "--product", "", "--latency", str(latency), *accounts]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(process.pid, {0})
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.terminate()


def in_own_process(name: str, base: str, threads: int) -> tuple[float, float]:
    command = [sys.executable, "-m", "tests.bench.platform_calls", name, base, str(threads)]
    rate, cost = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(rate), float(cost)


def main() -> None:
    print(f"{'threads':>8}{'latency':>9}{'wechatpy/s':>12}{'ours/s':>9}{'ratio':>7}{'CPU ms':>8}{'CPU ms':>8}{'ratio':>7}")
    for threads, latency in CASES:
        with quick_platform(latency) as base:
            theirs, own = in_own_process("wechatpy", base, threads), in_own_process("ours", base, threads)
        print(f"{threads:8}{latency:9.1f}{theirs[0]:12.0f}{own[0]:9.0f}{own[0] / theirs[0]:7.2f}{theirs[1]:8.2f}{own[1]:8.2f}"
              f"{theirs[1] / own[1]:7.2f}")
    _measure_stand_in()


def _measure_stand_in() -> None:
    """Nobody is subscribed there, so every message is checked and refused: as much work as accepting it."""
    from wechat.errors import InvalidOpenid

    for threads in (60, 100):
        with stand_in(0.1) as base:
            send = ours(base, threads)

            def refused(openid: str, send: Send = send) -> None:
                with contextlib.suppress(InvalidOpenid):
                    send(openid)

            CLIENTS["stand-in"] = lambda *_, call=refused: call  # type: ignore[misc]
            rate, _ = measure("stand-in", base, threads)
        print(f"stand-in, one core, 100 ms, {threads} connections: {rate:.0f} calls a second")


if __name__ == "__main__":
    if len(sys.argv) == 4:
        print(*measure(sys.argv[1], sys.argv[2], int(sys.argv[3])))
    else:
        main()
