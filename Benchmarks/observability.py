#!/usr/bin/env python3
"""What metrics, traces, logs and alerts cost: the goal is at most 1 % of the throughput. Or, with --profile, what a profile costs.

usage: .venv/bin/python Benchmarks/observability.py [--hadal .build/release/hadal] [--rounds 7] [--seconds 10] [--clients 16] [--profile]

Two servers with guide run beside each other. One traces nothing, logs errors alone, watches no alerts, and nobody reads its metrics;
the other traces every request to a collector, logs each event to a file and watches its alerts, and its metrics are read once a
second. `hadal bench load` asks both in turns, the same questions. Prints a line of JSON for each round, then the medians: tokens a
second, and the processor time of a thousand tokens (all of the server's processes). Ends with 1 where both miss the goal. With --profile
both servers are the plain one, and the second one's worker is profiled all the while.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import threading
import urllib.request
from pathlib import Path

import httpx

from local_server import Collector, free_port, observed

ROOT = Path(__file__).resolve().parent.parent
GOAL = 0.01
TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    def __init__(self, hadal, directory, configuration):
        self.port = free_port()
        self.process = subprocess.Popen(
            [hadal, "serve", "guide", "--listen", f"127.0.0.1:{self.port}", "--data", str(directory), "--config", str(configuration)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def wait(self):
        for _ in range(600):
            try:
                if httpx.get(self.address + "/health/ready").status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            threading.Event().wait(0.1)
        raise SystemExit("a server does not get ready")

    def processor(self):
        """Seconds of all its processes."""
        total, queue = 0, [self.process.pid]
        while queue:
            process = queue.pop()
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
            for task in Path(f"/proc/{process}/task").iterdir():
                queue += [int(child) for child in (task / "children").read_text().split()]
        return total / TICKS


def load(hadal, server, options, seed):
    before = server.processor()
    done = subprocess.run(
        [hadal, "bench", "load", "--url", server.address, "--model", "guide", "--clients", str(options.clients), "--duration",
         str(options.seconds), "--prompt", "100", "--answer", "60", "--ignore-end", "--seed", str(seed), "--json"],
        check=True, capture_output=True, text=True)
    report = json.loads(done.stdout)
    if report["failed"]:
        raise SystemExit(f"{report['failed']} requests failed")
    return report["tokens_per_second"], (server.processor() - before) / report["answer_tokens"] * 1000


def profiled_load(hadal, server, options, seed):
    """The profile is asked for before the load and lasts longer."""
    profile = subprocess.Popen([hadal, "profile", "--url", server.address, "--for", f"{options.seconds + 2}s", "--no-roofline", "--json"],
                               stdout=subprocess.PIPE, text=True)
    figures = load(hadal, server, options, seed)
    profile.communicate()
    if profile.returncode != 0:
        raise SystemExit("the profile failed")
    return figures


def read_metrics(server, end):
    while not end.wait(1):
        urllib.request.urlopen(server.address + "/metrics").read()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hadal", default=str(ROOT / ".build/release/hadal"))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        place = Path(place)
        plain = place / "plain.yaml"
        plain.write_text("log: {level: error}\nalerts: {enabled: false}\n")
        collector, end = Collector(), threading.Event()
        servers = {"plain": Server(options.hadal, place / "plain", plain),
                   "observed": Server(options.hadal, place / "observed", plain if options.profile else observed(place, collector))}
        try:
            for server in servers.values():
                server.wait()
            if not options.profile:
                threading.Thread(target=read_metrics, args=(servers["observed"], end), daemon=True).start()
            figures = {name: [] for name in servers}
            for number in range(options.rounds + 1):
                # Which is first changes, so that what slows the machine down bit by bit falls on both.
                for name in sorted(servers, reverse=number % 2 == 1):
                    measure = profiled_load if options.profile and name == "observed" else load
                    figures[name].append(measure(options.hadal, servers[name], options, number))
                if number > 0:
                    print(json.dumps({name: [round(value, 2) for value in rows[-1]] for name, rows in figures.items()}), flush=True)
        finally:
            end.set()
            for server in servers.values():
                server.process.terminate()
                server.process.wait()
        speed, processor = ({name: statistics.median(row[column] for row in rows[1:]) for name, rows in figures.items()}
                            for column in (0, 1))
        slower = 1 - speed["observed"] / speed["plain"]
        dearer = processor["observed"] / processor["plain"] - 1
        print(json.dumps({"tokens_per_second": speed, "slower": round(slower, 4), "processor_seconds_per_thousand_tokens": processor,
                          "dearer": round(dearer, 4), "spans": collector.spans}))
        raise SystemExit(1 if slower > GOAL and dearer > GOAL else 0)


if __name__ == "__main__":
    main()
