"""Rotating codes of a station's screen: eight digits, signed, new every 30 s and after every use.

The code is HMAC-SHA256(key, station ‖ slot ‖ seq) cut to eight digits. `slot` counts 30 s periods, `seq` the
codes already spent in it, so a code on the wall is good for one person, and the next one shows at once.
A hall where hundreds check in within a minute shows one code to all of them; it is as short-lived.
"""

import hmac
from datetime import datetime
from hashlib import sha256

from services.rules.typed import same_code

SLOT_SECONDS = 30
#: The current slot and the one before it: somebody may still be typing.
VALID_SLOTS = 2
#: How far back a code is recognised as expired rather than wrong.
REMEMBERED_SLOTS = 20


def slot_of(moment: datetime) -> int:
    return int(moment.timestamp()) // SLOT_SECONDS


def code_for(key: bytes, place: int | str, slot: int, seq: int) -> str:
    """The code of a place: a station's number, `activity:3` for a hall, `deputy:7` for a deputy's own code."""
    mac = hmac.new(key, f"screen:{place}:{slot}:{seq}".encode(), sha256).digest()
    return f"{int.from_bytes(mac[:8]) % 10**8:08d}"


def is_shown(key: bytes, place: int | str, moment: datetime, code: str) -> bool:
    """Whether a code that many may use is the place's of this or the last half minute."""
    now_slot = slot_of(moment)
    return any(same_code(code_for(key, place, slot, 0), code) for slot in range(now_slot, now_slot - VALID_SLOTS, -1))


def seconds_left(moment: datetime) -> int:
    return SLOT_SECONDS - int(moment.timestamp()) % SLOT_SECONDS
