"""Rotating codes of a station's screen: eight digits, signed, new every 30 s and after every use.

The code is HMAC-SHA256(key, station ‖ slot ‖ seq) cut to eight digits. `slot` counts 30 s periods, `seq` the
codes already spent in it, so a code on the wall is good for one person, and the next one shows at once.
"""

import hmac
from datetime import datetime
from hashlib import sha256

SLOT_SECONDS = 30
#: The current slot and the one before it: somebody may still be typing.
VALID_SLOTS = 2
#: How far back a code is recognised as expired rather than wrong.
REMEMBERED_SLOTS = 20


def slot_of(moment: datetime) -> int:
    return int(moment.timestamp()) // SLOT_SECONDS


def code_for(key: bytes, station_id: int, slot: int, seq: int) -> str:
    mac = hmac.new(key, f"screen:{station_id}:{slot}:{seq}".encode(), sha256).digest()
    return f"{int.from_bytes(mac[:8]) % 10**8:08d}"


def seconds_left(moment: datetime) -> int:
    return SLOT_SECONDS - int(moment.timestamp()) % SLOT_SECONDS
