#!/usr/bin/env python3
"""Blue-green, rollback and `hadal restart` while clients ask: does a request fail, and how long does nobody get an answer?

usage: .venv/bin/python Benchmarks/releases.py [--clients 50] [--tokens 16] [--model guide]

Starts `hadal serve` with a deployment of two versions of the model, real workers, and so many clients that ask for short answers without
a pause. Meanwhile it switches to the second version, rolls back, and replaces the server. Prints for each part how long its command took,
the answers, those that were none, and the longest time between two answers, which is the gap that clients see.
"""

import argparse
import asyncio
import json
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import httpx

from local_server import free_port, ready

ROOT = Path(__file__).resolve().parent.parent


class Clients:
    """They ask until they are stopped."""

    def __init__(self, url, options):
        self.url, self.options = url, options
        self.times, self.failures, self.is_over = [], [], False

    async def one(self, seed):
        async with httpx.AsyncClient(base_url=self.url, timeout=120) as client:
            while not self.is_over:
                body = {"model": "chat", "prompt": f"Story {seed}: ", "max_tokens": self.options.tokens, "ignore_eos": True}
                try:
                    reply = await client.post("/v1/completions", json=body)
                    is_whole = reply.status_code == 200 and reply.json()["usage"]["completion_tokens"] == self.options.tokens
                    failure = None if is_whole else reply.text[:300]
                except httpx.HTTPError as error:
                    failure = repr(error)
                if failure is None:
                    self.times.append(time.monotonic())
                else:
                    self.failures.append(failure)

    def measured(self, start, end):
        times = [start] + [at for at in self.times if start <= at <= end] + [end]
        return {"answers": len(times) - 2, "longest_gap": round(max(b - a for a, b in zip(times, times[1:])), 3)}


async def command(options, *arguments):
    process = await asyncio.create_subprocess_exec(options.hadal, *arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, errors = await process.communicate()
    if process.returncode:
        raise SystemExit(f"hadal {' '.join(arguments)}: {errors.decode()}")


async def measure(options, url, configuration, data):
    async with httpx.AsyncClient(base_url=url) as client:
        await ready(client)
    there = ["--url", url]
    await command(options, "deployments", "create", "chat", *there)
    for context in ("512", "1024"):
        await command(options, "deployments", "add", "chat", options.model, "--option", f"context={context}", *there)
    await command(options, "releases", "start", "chat", "1", "--kind", "blue-green", "--watch", *there)
    clients = Clients(url, options)
    tasks = [asyncio.create_task(clients.one(seed)) for seed in range(options.clients)]
    await asyncio.sleep(5)
    parts = {}
    for name, arguments in {
        "blue-green": ["releases", "start", "chat", "2", "--kind", "blue-green", "--watch", *there],
        "rollback": ["releases", "rollback", "chat", "--why", "measured", *there],
        "restart": ["restart", "--config", str(configuration), "--data", str(data)],
    }.items():
        start = time.monotonic()
        await command(options, *arguments)
        took = time.monotonic() - start
        await asyncio.sleep(5)
        parts[name] = {"seconds": round(took, 2)} | clients.measured(start, time.monotonic())
    clients.is_over = True
    await asyncio.gather(*tasks)
    return parts | {"failed": len(clients.failures), "examples": clients.failures[:3]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hadal", default=str(ROOT / ".build/release/hadal"))
    parser.add_argument("--model", default="guide")
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--tokens", type=int, default=16)
    options = parser.parse_args()
    port = free_port()
    with tempfile.TemporaryDirectory() as directory:
        configuration, data = Path(directory, "hadal.yaml"), Path(directory, "data")
        configuration.write_text(f"models: [{{name: base, model: {options.model}}}]\nlisten: 127.0.0.1:{port}\nserver: {{idle_time: 3s}}\n")
        server = subprocess.Popen([options.hadal, "serve", "--config", str(configuration), "--data", str(data)],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            parts = asyncio.run(measure(options, f"http://127.0.0.1:{port}", configuration, data))
        finally:
            told = data / "server.json"
            processes = {server.pid} | ({json.loads(told.read_text())["process"]} if told.exists() else set())
            for process in processes:
                os.kill(process, signal.SIGTERM)
            server.wait()
    print(json.dumps(parts))
    raise SystemExit(1 if parts["failed"] else 0)


if __name__ == "__main__":
    main()
