#!/usr/bin/env python3
"""What users, keys, tenants, limits, quotas and address lists cost a request: the goal is at most 0.3 ms at the median.

usage: access.py [--hadal .build/release/hadal] [--seconds 10] [--keys 50]

Two servers with a model that answers at once (`hadal bench gateway`) run beside each other: one is open, the other has a user
with a role of their own, keys, a tenant, limits of every kind for the key, the user, the tenant, the model and the server,
prices, and lists of addresses. One client asks both in turns, request by request, so that whatever else the machine does
falls on both. Prints a line of JSON for each path: milliseconds of the median and of the slowest in a hundred for both, what
the second adds to each, and the median of what it adds to the request just before or after. Ends with 1 where the goal is
missed.
"""

import argparse
import http.client
import json
import os
import re
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GOAL = 0.3
CHAT = json.dumps({"model": "instant", "messages": [{"role": "user", "content": "Hello"}]})
PATHS = [("GET", "/v1/models", None), ("POST", "/v1/chat/completions", CHAT)]
MANY = 1_000_000_000
CONFIGURATION = f"""
access:
  addresses: {{allow: [127.0.0.0/8, 10.0.0.0/8], deny: [192.0.2.0/24]}}
limits:
  key: {{requests_per_minute: {MANY}}}
  user: {{requests_per_minute: {MANY}, tokens_per_minute: {MANY}}}
  tenant: {{requests_per_minute: {MANY}, tokens_per_month: {MANY}, cost_per_month: {MANY}}}
  model: {{requests_per_minute: {MANY}, concurrent: 1000}}
  prices: [{{model: other, prompt: 1, answer: 1}}, {{model: "*", prompt: 0.1, answer: 0.1}}]
"""


def prepare(hadal, data, keys):
    """Fills a data directory; returns the key that is measured."""
    environment = dict(os.environ, HADAL_DATA=str(data), HADAL_CONFIG="")

    def run(*arguments):
        return subprocess.run([hadal, *arguments], env=environment, check=True, capture_output=True, text=True).stdout

    run("tenants", "add", "research", "--models", "inst*")
    run("roles", "add", "bench", "--permission", "models.use", "--permission", "models.list", "--permission", "keys.own",
        "--models", "instant")
    run("users", "add", "ana", "--tenant", "research", "--role", "bench", "--no-password")
    for number in range(keys):
        run("keys", "create", "--name", f"other{number}", "--tenant", "research")
    made = json.loads(run("keys", "create", "--name", "bench", "--user", "ana", "--models", "inst*,other",
                          "--scopes", "models.use,models.list", "--expires", "30d", "--json"))
    limits = ["--requests-per-minute", str(MANY), "--tokens-per-minute", str(MANY), "--concurrent-requests", "1000",
              "--tokens-per-day", str(MANY), "--tokens-per-month", str(MANY), "--cost-per-month", "1000000"]
    for scope in [[], ["--key", made["prefix"]], ["--user", "ana"], ["--tenant", "research"], ["--model", "instant"],
                  ["--tenant", "research", "--model", "instant"]]:
        run("limits", "set", *scope, *limits)
    run("addresses", "set", "--tenant", "research", "--allow", "127.0.0.0/8", "--deny", "127.66.0.0/16")
    run("addresses", "set", "--key", made["prefix"], "--allow", "127.0.0.1")
    return made["secret"]


class Server:
    def __init__(self, hadal, *options):
        command = [hadal, "bench", "gateway", "--listen", "127.0.0.1:0", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        if not found:
            raise SystemExit(f"{' '.join(command)} did not start: {line}")
        self.connection = http.client.HTTPConnection("127.0.0.1", int(found.group(1)), timeout=10)

    def ask(self, method, path, body, key):
        """Milliseconds."""
        headers = {"Authorization": "Bearer " + key}
        if body:
            headers["Content-Type"] = "application/json"
        start = time.perf_counter()
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        taken = (time.perf_counter() - start) * 1000
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {text[:500]}")
        return taken

    def end(self):
        self.process.terminate()
        self.process.wait(30)


def share(times, part):
    return sorted(times)[min(len(times) - 1, int(len(times) * part))]


def measure(servers, method, path, body, key, seconds):
    """A list of times for each server; the one that comes first changes each time."""
    times = [[], []]
    end = time.monotonic() + seconds
    turn = 0
    while time.monotonic() < end:
        for index in ((0, 1) if turn % 2 == 0 else (1, 0)):
            times[index].append(servers[index].ask(method, path, body, key))
        turn += 1
    return times


def compared(times, goal):
    """Of two servers, by their names: what the second adds to the first."""
    first, second = times.values()
    row = {"requests": len(first)}
    for name, part in (("p50", 0.5), ("p99", 0.99)):
        row[name] = {server: round(share(taken, part), 4) for server, taken in times.items()}
        row[name]["added"] = round(share(second, part) - share(first, part), 4)
    row["added_in_pairs"] = round(statistics.median(b - a for a, b in zip(first, second)), 4)
    row["within_goal"] = row["p50"]["added"] <= goal
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hadal", default=str(ROOT / ".build/release/hadal"))
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--keys", type=int, default=50, help="further keys that are there")
    options = parser.parse_args()
    missed = False
    with tempfile.TemporaryDirectory() as directory:
        directory = Path(directory)
        configuration = directory / "hadal.yaml"
        configuration.write_text(CONFIGURATION)
        key = prepare(options.hadal, directory / "closed", options.keys)
        servers = [Server(options.hadal, "--data", str(directory / "open")),
                   Server(options.hadal, "--data", str(directory / "closed"), "--config", str(configuration))]
        try:
            for method, path, body in PATHS:
                measure(servers, method, path, body, key, 1)
                first, second = measure(servers, method, path, body, key, options.seconds)
                row = {"path": path} | compared({"open": first, "closed": second}, GOAL)
                missed = missed or not row["within_goal"]
                print(json.dumps(row), flush=True)
        finally:
            for server in servers:
                server.end()
    raise SystemExit(1 if missed else 0)


if __name__ == "__main__":
    main()
