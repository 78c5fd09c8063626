"""Access tokens: fetched once for everybody, renewed before they die.

https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/mp-access-token/getStableAccessToken.html
"""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field

from wechat.call import INTERACTIVE, Call
from wechat.clock import Clock, utc_now
from wechat.config import AccountConfig
from wechat.errors import WeChatError, WeChatProtocolError, WeChatTimeout
from wechat.redis_token_store import RedisTokenStore
from wechat.token_store import MemoryTokenStore, StoredToken, TokenStore
from wechat.transport import Transport

__all__ = ["Lease", "MemoryTokenStore", "RedisTokenStore", "StoredToken", "TokenProvider", "TokenStore"]

REFRESH_BEFORE_SECONDS = 300.0
REFRESH_JITTER_SECONDS = 30.0
#: A renewed token may have little life left; renewing in a loop would burn the quota.
MIN_REFRESH_INTERVAL_SECONDS = 30.0
FAILED_REFRESH_REST_SECONDS = 10.0
LOCK_SECONDS = 8.0
WAIT_SECONDS = 12.0
POLL_SECONDS = 0.05
STABLE_TOKEN = "/cgi-bin/stable_token"  # noqa: S105 - a path
PLAIN_TOKEN = "/cgi-bin/token"  # noqa: S105 - a path


@dataclass(frozen=True, slots=True)
class Lease:
    """A token for one call. `fresh`: it was fetched for this very call, so fetching again would not help."""

    value: str = field(repr=False)
    fresh: bool


class TokenProvider:
    """Gives tokens of any account out of one store, fetching one at a time per account in all processes.

    stable_token with force_refresh=false is the default: repeating it returns the same token, so a lost race
    costs a call and never invalidates what others hold. `plain_endpoint=True` is for deployments without it.
    """

    def __init__(
        self,
        store: TokenStore,
        *,
        clock: Clock = utc_now,
        plain_endpoint: bool = False,
        jitter: Callable[[float, float], float] = random.uniform,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._clock = clock
        self._plain_endpoint = plain_endpoint
        self._jitter = jitter
        self._pause = pause
        self._flights: dict[str, Future[StoredToken]] = {}
        self._rest_until: dict[str, float] = {}
        self._guard = threading.Lock()

    @property
    def degraded(self) -> bool:
        """Whether tokens are no longer shared between processes."""
        return self._store.degraded

    def obtain(self, config: AccountConfig, transport: Transport) -> Lease:
        """A token that is alive. Only who finds none, or who renews it, waits for the platform."""
        key = token_key(config)
        held = self._store.load(key)
        now = self._now()
        if held is not None and now < held.refresh_at:
            return Lease(held.value, fresh=False)
        if held is not None and now < held.expires_at:
            return self._renew_early(key, held, config, transport)
        return self._fetch_together(key, config, transport)

    def discard(self, config: AccountConfig, value: str) -> None:
        """Forget a token the platform rejected, unless a newer one has taken its place."""
        self._store.discard(token_key(config), value)

    def _renew_early(self, key: str, held: StoredToken, config: AccountConfig, transport: Transport) -> Lease:
        """The first to come renews; all others, and all if that fails, go on with the old token."""
        owner = uuid.uuid4().hex
        resting = self._now() < self._rest_until.get(key, 0.0)
        if resting or not self._store.try_lock(key, owner, LOCK_SECONDS):
            return Lease(held.value, fresh=False)
        try:
            newer = self._store.load(key)
            if newer is not None and self._now() < newer.refresh_at:
                return Lease(newer.value, fresh=False)
            return Lease(self._fetch(key, config, transport).value, fresh=True)
        except WeChatError:
            self._rest_until[key] = self._now() + FAILED_REFRESH_REST_SECONDS
            return Lease(held.value, fresh=False)
        finally:
            self._store.unlock(key, owner)

    def _fetch_together(self, key: str, config: AccountConfig, transport: Transport) -> Lease:
        """Threads of this process that come meanwhile share the leader's token, or its failure."""
        with self._guard:
            flight = self._flights.get(key)
            leading = flight is None
            if flight is None:
                flight = self._flights[key] = Future()
        if leading:
            self._lead(flight, key, config, transport)
        try:
            return Lease(flight.result(timeout=WAIT_SECONDS).value, fresh=True)
        except FutureTimeout:
            pass
        raise WeChatTimeout(
            "token is still being fetched", outcome_unknown=False, api=self._endpoint, appid=config.appid
        )

    def _lead(
        self, flight: Future[StoredToken], key: str, config: AccountConfig, transport: Transport
    ) -> None:
        try:
            flight.set_result(self._fetch_locked(key, config, transport))
        except BaseException as error:
            flight.set_exception(error)
            if not isinstance(error, WeChatError):
                raise
        finally:
            with self._guard:
                self._flights.pop(key, None)

    def _fetch_locked(self, key: str, config: AccountConfig, transport: Transport) -> StoredToken:
        """Fetch while holding the lock between processes, or take what its holder has stored meanwhile."""
        owner = uuid.uuid4().hex
        waits = int(WAIT_SECONDS / POLL_SECONDS)
        for _ in range(waits):
            if self._store.try_lock(key, owner, LOCK_SECONDS):
                break
            self._pause(POLL_SECONDS)
            held = self._living(key)
            if held is not None:
                return held
        try:
            return self._living(key) or self._fetch(key, config, transport)
        finally:
            self._store.unlock(key, owner)

    def _living(self, key: str) -> StoredToken | None:
        held = self._store.load(key)
        return held if held is not None and self._now() < held.expires_at else None

    def _fetch(self, key: str, config: AccountConfig, transport: Transport) -> StoredToken:
        answer = transport.call(self._token_call(config))
        value, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(value, str) or not value or not isinstance(seconds, int) or seconds <= 0:
            raise WeChatProtocolError("no token in the answer", api=self._endpoint, appid=config.appid)
        now = self._now()
        early = REFRESH_BEFORE_SECONDS + self._jitter(-REFRESH_JITTER_SECONDS, REFRESH_JITTER_SECONDS)
        refresh_at = max(now + seconds - early, now + min(MIN_REFRESH_INTERVAL_SECONDS, seconds / 2))
        token = StoredToken(value, refresh_at, now + seconds)
        self._store.save(key, token, keep_seconds=seconds)
        return token

    def _token_call(self, config: AccountConfig) -> Call:
        if self._plain_endpoint:
            query = {"grant_type": "client_credential", "appid": config.appid, "secret": config.secret}
            return Call(
                PLAIN_TOKEN, config.appid, "GET", query=query, limits=INTERACTIVE, secrets=config.secrets
            )
        body = {
            "grant_type": "client_credential",
            "appid": config.appid,
            "secret": config.secret,
            "force_refresh": False,
        }
        return Call(
            STABLE_TOKEN, config.appid, body=body, limits=INTERACTIVE, idempotent=True, secrets=config.secrets
        )

    @property
    def _endpoint(self) -> str:
        return PLAIN_TOKEN if self._plain_endpoint else STABLE_TOKEN

    def _now(self) -> float:
        return self._clock().timestamp()


def token_key(config: AccountConfig) -> str:
    """Accounts never mix, and a changed secret starts afresh."""
    return f"token:{config.kind}:{config.appid}:{config.secret_version}"
