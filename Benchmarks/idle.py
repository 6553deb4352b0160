#!/usr/bin/env python3
"""What idle connections cost: opens them one after the other, asks once on each, and reads the server's memory.

usage: idle.py [--hadal .build/release/hadal] [--connections 10000]

Prints a line of JSON: resident MB before and with the connections, and milliseconds of a request beside them.
"""

import argparse
import json
import resource
import socket
import statistics
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PORT = 8203
REQUEST = b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n"


def resident(process):
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def connect():
    connection = socket.create_connection(("127.0.0.1", PORT))
    connection.settimeout(30)
    ask(connection)
    return connection


def ask(connection):
    connection.sendall(REQUEST)
    answer = connection.recv(65536)
    if not answer.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"not answered: {answer[:200]!r}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hadal", default=str(ROOT / ".build/release/hadal"))
    parser.add_argument("--connections", type=int, default=10_000)
    arguments = parser.parse_args()
    wanted = arguments.connections + 200
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard) if hard > 0 else wanted, hard))
    server = subprocess.Popen([arguments.hadal, "bench", "gateway", "--listen", f"127.0.0.1:{PORT}"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        server.stdout.readline()
        first = connect()
        before = resident(server)
        connections = [connect() for _ in range(arguments.connections)]
        times = []
        for connection in connections[::100]:
            start = time.perf_counter()
            ask(connection)
            times.append(1000 * (time.perf_counter() - start))
        print(json.dumps({"connections": len(connections), "resident_mb_before": round(before), "resident_mb": round(resident(server)),
                          "request_ms": round(statistics.median(times), 2)}))
        first.close()
    finally:
        server.terminate()


main()
