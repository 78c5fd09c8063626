"""Telling the stand-in from the platform, so that production never trusts it."""

from __future__ import annotations

import urllib3

_MARK = "X-WeChat-Sandbox"
_SECONDS = 2.0


def is_sandbox(base_url: str) -> bool:
    """Whether a stand-in answers at `base_url`; nobody answering is no stand-in. One request, two seconds."""
    pool = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(total=_SECONDS))
    try:
        response = pool.request("GET", f"{base_url.rstrip('/')}/sandbox/identity", redirect=False)
    except urllib3.exceptions.HTTPError:
        return False
    finally:
        pool.clear()
    return _MARK in response.headers
