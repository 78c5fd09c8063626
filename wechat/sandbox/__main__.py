"""python -m wechat.sandbox: serve the stand-in until told to stop."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence

from wechat.config import AccountConfig, AccountKind
from wechat.group_robot import read_pairs
from wechat.sandbox.faults import read_weather
from wechat.sandbox.server import start_sandbox


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the options, serve, end on SIGTERM or SIGINT."""
    options = _parser().parse_args(arguments)
    stopped = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.set())
    try:
        mini, oa = _account("mini", options), _account("oa", options)
        others, weather = _wecom(options), read_weather(options.weather)
        robots = read_pairs(options.wecom_robots)
    except ValueError as problem:
        sys.stderr.write(f"sandbox: {problem}\n")
        return 2
    running = start_sandbox(
        mini,
        oa,
        others=others,
        host=options.host,
        port=options.port,
        product_url=options.product,
        latency=options.latency,
    )
    running.state.faults.set_weather(weather)
    for robot, key in robots:
        running.state.wecom.robots[key] = robot
    sys.stdout.write(f"sandbox listening on {running.url}\n")
    sys.stdout.flush()
    stopped.wait()
    running.stop()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m wechat.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090, help="0 takes a free one")
    parser.add_argument(
        "--product", default=os.environ.get("WECHAT_SANDBOX_PRODUCT", "http://127.0.0.1:8080")
    )
    parser.add_argument("--latency", type=float, default=0.0, help="seconds added to every platform call")
    parser.add_argument(
        "--weather", default="", help="shares of sending calls that fail, as 43101=0.2,timeout=0.05,-1=0.03"
    )
    for name in ("corp-id", "agent-id", "secret", "robots"):
        variable = f"WECOM_{name}".upper().replace("-", "_")
        parser.add_argument(f"--wecom-{name}", default=os.environ.get(variable, ""), help=f"or {variable}")
    for kind in ("mini", "oa"):
        for name in ("appid", "secret", "token", "aes-key"):
            variable = f"WECHAT_{kind}_{name}".upper().replace("-", "_")
            parser.add_argument(
                f"--{kind}-{name}", default=os.environ.get(variable, ""), help=f"or {variable}"
            )
    return parser


def _account(kind: AccountKind, options: argparse.Namespace) -> AccountConfig:
    values = {name: getattr(options, f"{kind}_{name}") for name in ("appid", "secret", "token", "aes_key")}
    absent = [name for name, value in values.items() if not value]
    if absent:
        raise ValueError(f"{kind} account needs {', '.join(absent)}")
    return AccountConfig(
        kind=kind,
        appid=values["appid"],
        secret=values["secret"],
        token=values["token"],
        aes_keys=(values["aes_key"],),
    )


def _wecom(options: argparse.Namespace) -> dict[str, AccountConfig]:
    """The WeCom application, where one is named."""
    if not options.wecom_corp_id:
        return {}
    if not options.wecom_agent_id.isdecimal() or not options.wecom_secret:
        raise ValueError("wecom needs corp_id, agent_id, secret")
    agent_id = int(options.wecom_agent_id)
    return {"wecom": AccountConfig("wecom", options.wecom_corp_id, options.wecom_secret, agent_id=agent_id)}


if __name__ == "__main__":
    raise SystemExit(main())
