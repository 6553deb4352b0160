"""What benchmarks that start a server on this machine have in common."""

import asyncio
import socket

import httpx


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


async def ready(client, path="/health/ready", seconds=60):
    """Returns when the server says that it is."""
    for _ in range(seconds * 10):
        try:
            if (await client.get(path)).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        await asyncio.sleep(0.1)
    raise SystemExit("the server does not get ready")
