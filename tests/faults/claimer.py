"""A worker that dies by kill -9 between claiming a push and settling it: `python -m tests.faults.claimer URL ID`."""

import os
import signal
import sys
from collections.abc import Mapping
from datetime import datetime

from app.jobs import pushes
from app.program import Program
from app.wiring import Argon2Passwords
from models.db import make_engine
from services.context import Gateways
from services.field_encryption import FieldCipher
from tests import fakes
from tests.conftest import FIELD_KEYS
from tests.faults.conftest import build


class KilledMessenger(fakes.FakeMessenger):
    def send_notice(self, openid: str, *, template_id: str, data: Mapping[str, str], page: str) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


def main(url: str, notice_id: int, moment: str) -> None:
    gateways = Gateways(fakes.FakeIdentity(), KilledMessenger(), fakes.FakeCodeMaker(), fakes.FakeModerator(),
                        fakes.FakeCodeSender(), fakes.MemoryFiles(), Argon2Passwords(cheap=True),
                        FieldCipher.from_text(FIELD_KEYS))
    program: Program = build(url, None, gateways, fakes.FrozenClock(datetime.fromisoformat(moment)),  # type: ignore[arg-type]
                             None, make_engine(url))
    pushes.push_notice(program, notice_id=notice_id)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
