"""A limit in time for the body of an answer whose headers have come."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import urllib3

_LEAST_SECONDS = 0.01


@contextmanager
def limit_body(response: urllib3.BaseHTTPResponse, seconds: float) -> Iterator[None]:
    """Reading within this block blocks for at most `seconds`.

    urllib3 gives the body the same limit anew that the headers had. A socket that stays with its connection
    gets a shorter one; one handed over to the response, since the server will close it, is shut by a timer.
    """
    seconds = max(seconds, _LEAST_SECONDS)
    connection = response.connection
    if connection is None:  # given back to the pool: the whole body is here
        yield
        return
    sock: socket.socket | None = getattr(connection, "sock", None)
    if sock is not None:
        sock.settimeout(seconds)
        yield
        return
    timer = threading.Timer(seconds, _shut, (response,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _shut(response: Any) -> None:
    try:
        response.shutdown()
    except (OSError, ValueError, RuntimeError):
        return  # the whole answer is there, or the socket is gone: nobody is waiting on it
