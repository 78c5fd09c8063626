"""One worker process of the token test: sixteen threads ask at once; prints what they got, hashed."""

from __future__ import annotations

import hashlib
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import redis

from wechat.config import AccountConfig
from wechat.tokens import RedisTokenStore, TokenProvider
from wechat.transport import Transport


def main(base: str, port: str, appid: str, secret: str) -> None:
    client = redis.Redis(port=int(port))
    config = AccountConfig("mini", appid, secret, "unused", ())
    tokens, transport = TokenProvider(RedisTokenStore(client, "t:")), Transport([base])
    start = threading.Barrier(16)

    def obtain(_: int) -> str:
        start.wait()
        return tokens.obtain(config, transport).value

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    with ThreadPoolExecutor(16) as pool:
        values = set(pool.map(obtain, range(16)))
    sys.stdout.write(",".join(hashlib.sha256(value.encode()).hexdigest() for value in values) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
