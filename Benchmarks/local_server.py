"""What benchmarks that start a server on this machine have in common."""

import asyncio
import http.server
import json
import socket
import threading

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


class Collector:
    """Takes the traces that a server sends, and counts their spans."""

    def __init__(self):
        self.spans = 0
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                collector.spans += sum(len(scope["spans"]) for part in body["resourceSpans"] for scope in part["scopeSpans"])
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server.server_port}"


def observed(directory, collector):
    """A configuration in which everything that can be seen is: each request traced, each event logged to a file, alerts, audit."""
    file = directory / "observed.yaml"
    file.write_text(f"""
log: {{level: info, format: json, to: file, file: {directory / "hadal.log"}}}
traces: {{endpoint: "{collector.address}", percent: 100}}
alerts: {{enabled: true, interval: 15s}}
""")
    return file
