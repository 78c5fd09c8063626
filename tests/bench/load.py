"""A small load generator: keep-alive connections in threads, each request prepared beforehand."""

import socket
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figures:
    requests: int
    failed: int
    per_second: float
    p95_ms: float


def request_bytes(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}",
             *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def run(port: int, prepared: Sequence[bytes], *, connections: int = 16) -> Figures:
    """Send every prepared request once, over a fixed number of connections."""
    seconds: list[list[float]] = [[] for _ in range(connections)]
    failed = [0] * connections
    begin = threading.Barrier(connections + 1)

    def work(number: int) -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as link:
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            begin.wait()
            for request in prepared[number::connections]:
                started = time.perf_counter()
                link.sendall(request)
                if not _is_good(link):
                    failed[number] += 1
                seconds[number].append(time.perf_counter() - started)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(connections)]
    for thread in threads:
        thread.start()
    begin.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    wall = time.perf_counter() - started
    flat = [value for part in seconds for value in part]
    return Figures(len(flat), sum(failed), len(flat) / wall, statistics.quantiles(flat, n=20)[-1] * 1000)


def _is_good(link: socket.socket) -> bool:
    """Read one answer to its end; true for 2xx."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(link)
    head, _, rest = data.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0)
    missing = length - len(rest)
    while missing > 0:
        missing -= len(_more(link))
    return head.split(b" ", 2)[1].startswith(b"2")


def _more(link: socket.socket) -> bytes:
    chunk = link.recv(65536)
    if not chunk:
        raise ConnectionError("the server closed the connection")
    return chunk
