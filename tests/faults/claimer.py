"""A worker that dies by kill -9 on its way to sending a push.

`python -m tests.faults.claimer DATABASE_URL REDIS_URL NOTICE_ID MOMENT STEP`: it dies after the lease
("leased", before its mark) or with the request in the air ("in_the_air").
"""

import os
import signal
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import redis

from app import settings
from app.jobs import pushes
from app.program import Program
from app.wiring import Argon2Passwords
from models.db import make_engine
from services.context import Gateways
from services.field_encryption import FieldCipher
from tests import fakes
from tests.conftest import FIELD_KEYS
from tests.faults.conftest import build


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class KilledMessenger(fakes.FakeMessenger):
    def send_notice(self, openid: str, *, template_id: str, data: Mapping[str, str], page: str) -> None:
        _die()


class KilledWhilePacing(redis.Redis):
    def eval(self, *args: Any, **kwargs: Any) -> Any:
        _die()


def main(url: str, redis_url: str, notice_id: int, moment: str, step: str) -> None:
    gateways = Gateways(fakes.FakeIdentity(), KilledMessenger(), fakes.FakeCodeMaker(), fakes.FakeModerator(),
                        fakes.FakeCodeSender(), fakes.MemoryFiles(), Argon2Passwords(cheap=True),
                        FieldCipher.from_text(FIELD_KEYS))
    store = (KilledWhilePacing if step == "leased" else redis.Redis).from_url(redis_url)
    environment = {"APP_STAGE": "testing", "FIELD_KEYS": FIELD_KEYS, "SECRET_KEY": "test-" * 8,
                   "PUSH_RATE": "50" if step == "leased" else "0"}
    program: Program = build(url, store, gateways, fakes.FrozenClock(datetime.fromisoformat(moment)),
                             settings.from_env(environment), make_engine(url))
    pushes.push_notice(program, notice_id=notice_id)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5])
