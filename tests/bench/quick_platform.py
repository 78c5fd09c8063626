"""A platform that answers every call alike, after a while: as little work as a server can do, so that clients are measured."""

import asyncio
import sys

_OK = b'{"errcode":0,"errmsg":"ok"}'
_TOKEN = b'{"access_token":"bench-token","expires_in":7200}'


class _Line(asyncio.Protocol):
    def __init__(self, latency: float) -> None:
        self._latency, self._heard = latency, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, end, body = self._heard.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
        if not end or len(body) < int(length or 0):
            return
        self._heard = b""
        said = _TOKEN if b"token " in head[:40] or b"stable_token" in head[:40] else _OK
        answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(said), said)
        write = self._transport.write  # type: ignore[attr-defined]
        if self._latency:
            asyncio.get_running_loop().call_later(self._latency, write, answer)
        else:
            write(answer)


async def _serve(latency: float) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: _Line(latency), "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1])))
