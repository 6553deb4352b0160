#!/usr/bin/env python3
"""What the gateway costs: `hadal bench gateway` (a model that answers at once) under wrk, and LiteLLM's proxy before it.

usage: gateway.py [--hadal .build/release/hadal] [--litellm LITELLM] [--seconds 8] [--rounds 3]

Needs wrk (Debian's package) and, for the comparison, LiteLLM's proxy: `pip install 'litellm[proxy]'` in an environment of its
own, whose `litellm` program is named. All run on the same machine, in turns. Prints a line of JSON for each server and
number of clients: requests a second, and milliseconds of the median and of the slowest in a hundred; before these, what the
gateway adds to the worker's own answer, asked by the same client directly.
"""

import argparse
import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# LiteLLM does not start without one; Hadal does not look at it on loopback.
KEY = "sk-0123456789abcdef0123456789abcdef"
HEADERS = {"Content-Type": "application/json", "Authorization": "Bearer " + KEY}
BODY = json.dumps({"model": "instant", "messages": [{"role": "user", "content": "Hello"}]})


def wait(base):
    for _ in range(600):
        try:
            request = urllib.request.Request(base + "/v1/chat/completions", BODY.encode(), HEADERS)
            return urllib.request.urlopen(request, timeout=5).read()
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"{base} does not answer")


def load(base, clients, seconds, script):
    """(requests a second, median, p99 in milliseconds)"""
    out = subprocess.run(["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--latency", "-s", script, base + "/v1/chat/completions"],
                         capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out:
        raise SystemExit(out)

    def milliseconds(share):
        number, unit = re.search(rf"{share}%\s+([\d.]+)(us|ms|s)\b", out).groups()
        return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]

    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)), milliseconds(50), milliseconds(99)


def latencies(connection, path, body, seconds):
    """Milliseconds that each of one client's requests takes, one after the other on a connection, in order of length."""
    times, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        start = time.perf_counter()
        connection.request("POST", path, body, HEADERS)
        answer = connection.getresponse()
        text = answer.read()
        times.append((time.perf_counter() - start) * 1000)
        if answer.status != 200:
            raise SystemExit(text.decode())
    return sorted(times)


def added(worker, seconds, rounds):
    """What the gateway adds to the worker's own answer, in milliseconds: of the median, and of the slowest in a hundred."""
    job = json.dumps({"id": "bench", "messages": json.loads(BODY)["messages"], "variables": {}, "seed": 1})
    direct = http.client.HTTPConnection("localhost")
    direct.sock = socket.socket(socket.AF_UNIX)
    direct.sock.connect(worker)
    through = http.client.HTTPConnection("127.0.0.1", 8201)
    found = []
    for _ in range(rounds):
        own = latencies(direct, "/generate", job, seconds)
        whole = latencies(through, "/v1/chat/completions", BODY, seconds)
        found.append([whole[int(len(whole) * share)] - own[int(len(own) * share)] for share in (0.5, 0.99)])
    return [round(statistics.median(column), 2) for column in zip(*found)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hadal", default=str(ROOT / ".build/release/hadal"))
    parser.add_argument("--litellm", help="LiteLLM's program; without it only Hadal is measured")
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "post.lua"
        headers = "".join(f'wrk.headers["{name}"]="{value}"\n' for name, value in HEADERS.items())
        script.write_text(f"wrk.method=\"POST\"\n{headers}wrk.body='{BODY}'\n")
        bases = {"hadal": "http://127.0.0.1:8201"}
        processes = [subprocess.Popen([arguments.hadal, "bench", "gateway", "--listen", "127.0.0.1:8201",
                                       "--socket", f"{folder}/worker.sock"],
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)]
        try:
            wait(bases["hadal"])
            if arguments.litellm:
                config = Path(folder) / "litellm.yaml"
                config.write_text("model_list:\n  - model_name: instant\n    litellm_params:\n      model: openai/instant\n"
                                  f"      api_base: {bases['hadal']}/v1\n      api_key: none\n")
                bases["litellm"] = "http://127.0.0.1:8202"
                processes.append(subprocess.Popen([arguments.litellm, "--config", config, "--port", "8202", "--host", "127.0.0.1"],
                                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder,
                                                  env=os.environ | {"LITELLM_MASTER_KEY": KEY}))
                wait(bases["litellm"])
            median, p99 = added(f"{folder}/worker.sock", arguments.seconds, arguments.rounds)
            print(json.dumps({"server": "hadal", "clients": 1, "added_p50_ms": median, "added_p99_ms": p99}))
            results = {}
            for _ in range(arguments.rounds):
                for clients in (1, 32):
                    for name, base in bases.items():
                        results.setdefault((name, clients), []).append(load(base, clients, arguments.seconds, script))
            for (name, clients), runs in results.items():
                rate, median, p99 = (statistics.median(run[i] for run in runs) for i in range(3))
                print(json.dumps({"server": name, "clients": clients, "requests_per_second": round(rate), "p50_ms": round(median, 2),
                                  "p99_ms": round(p99, 2)}))
        finally:
            for process in processes:
                process.terminate()


main()
