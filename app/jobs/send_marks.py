"""A mark before each request, so that after a sender's death only what had begun is uncertain.

A mark is written to Redis under the lease's token; the token names the running Redis server, because a server
that was restarted may have forgotten marks. Where a mark cannot be written, nothing is sent.
"""

import uuid
from collections.abc import Sequence

import redis

#: Longer than a lease by far: the sweep asks for marks only after a lease ran out.
_KEEP_SECONDS = 6 * 3600


class SendMarks:
    def __init__(self, client: "redis.Redis") -> None:
        self._client = client

    def new_token(self) -> str:
        """A token for a batch about to be leased; raises RedisError where no mark could be kept."""
        return f"{self._server()}:{uuid.uuid4().hex}"

    def begin(self, token: str, push_id: int) -> bool:
        """Note that this push is about to be sent; False when it was noted before."""
        with self._client.pipeline(transaction=False) as pipe:
            pipe.hsetnx(self._key(token), str(push_id), 1)
            pipe.expire(self._key(token), _KEEP_SECONDS)
            return bool(pipe.execute()[0])

    def never_sent(self, token: str, push_ids: Sequence[int]) -> set[int]:
        """Of these pushes, those that certainly were never begun; none where the marks may be incomplete."""
        try:
            if token.partition(":")[0] != self._server():
                return set()
            marks = self._client.hmget(self._key(token), [str(number) for number in push_ids])
        except redis.RedisError:
            return set()
        return {number for number, mark in zip(push_ids, marks, strict=True) if mark is None}

    def _server(self) -> str:
        return str(self._client.info("server")["run_id"])

    def _key(self, token: str) -> str:
        return f"push-marks:{token}"
