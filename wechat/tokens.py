"""Access tokens: fetched once for everybody, renewed before they die.

https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/mp-access-token/getStableAccessToken.html
https://developer.work.weixin.qq.com/document/path/91039
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from wechat.call import INTERACTIVE, Call
from wechat.clock import Clock, utc_now
from wechat.config import AccountConfig
from wechat.errors import Misconfigured, TokenRejected, WeChatProtocolError
from wechat.redis_token_store import RedisTokenStore
from wechat.shared_values import Lease, SharedValues
from wechat.token_store import MemoryTokenStore, StoredToken, TokenStore
from wechat.transport import Transport

__all__ = ["Lease", "MemoryTokenStore", "RedisTokenStore", "StoredToken", "TokenProvider", "TokenStore"]

STABLE_TOKEN = "/cgi-bin/stable_token"  # noqa: S105 - a path
PLAIN_TOKEN = "/cgi-bin/token"  # noqa: S105 - a path
WECOM_TOKEN = "/cgi-bin/gettoken"  # noqa: S105 - a path


class TokenProvider:
    """Gives tokens of any account out of one store, fetching one at a time per account in all processes.

    stable_token with force_refresh=false is the default: repeating it returns the same token, so a lost race
    costs a call and never invalidates what others hold. `plain_endpoint=True` is for deployments without it.
    `store` and `values` are there for what else must be shared between the workers.
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
        self.store = store
        self.values = SharedValues(store, clock=clock, jitter=jitter, pause=pause)
        self._plain_endpoint = plain_endpoint

    @property
    def degraded(self) -> bool:
        """Whether tokens are no longer shared between processes."""
        return self.values.degraded

    def obtain(self, config: AccountConfig, transport: Transport) -> Lease:
        """A token that is alive. Only who finds none, or who renews it, waits for the platform."""
        return self.values.obtain(token_key(config), lambda: self._fetch(config, transport))

    def discard(self, config: AccountConfig, value: str) -> None:
        """Forget a token the platform rejected, unless a newer one has taken its place."""
        self.values.discard(token_key(config), value)

    def _fetch(self, config: AccountConfig, transport: Transport) -> tuple[str, int]:
        """A "bad credential" here means the secret: no token was sent that could be bad."""
        call = self._token_call(config)
        refusal: TokenRejected | None = None
        try:
            answer = transport.call(call)
        except TokenRejected as problem:
            refusal = problem
        if refusal is not None:
            raise Misconfigured(
                refusal.message, code=refusal.code, rid=refusal.rid, api=call.api, appid=call.appid
            )
        value, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(value, str) or not value or not isinstance(seconds, int) or seconds <= 0:
            raise WeChatProtocolError("no token in the answer", api=call.api, appid=call.appid)
        return value, seconds

    def _token_call(self, config: AccountConfig) -> Call:
        credential = {"grant_type": "client_credential", "appid": config.appid, "secret": config.secret}
        if config.kind == "wecom":
            query = {"corpid": config.appid, "corpsecret": config.secret}
            return _call(WECOM_TOKEN, config, "GET", query=query, idempotent=True)
        if self._plain_endpoint:
            return _call(PLAIN_TOKEN, config, "GET", query=credential)
        return _call(STABLE_TOKEN, config, "POST", body={**credential, "force_refresh": False}, idempotent=True)


def _call(api: str, config: AccountConfig, method: str, **rest: object) -> Call:
    return Call(api, config.appid, method, limits=INTERACTIVE, secrets=config.secrets, **rest)  # type: ignore[arg-type]


def token_key(config: AccountConfig) -> str:
    """Accounts never mix, and a changed secret starts afresh."""
    return f"token:{config.identity}"
