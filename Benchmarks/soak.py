#!/usr/bin/env python3
"""Mixed load at twice what the server can do, for half an hour: does any request fail that was admitted, does memory grow?

usage: .venv/bin/python Benchmarks/soak.py [--model guide] [--minutes 30] [--kv-cache 24MiB] [--queue 64] [--rate 3] [--observed]

Starts `hadal serve`, measures how many requests a second 32 clients get through that wait for each other, then sends twice as
many, at random times (Poisson). Of the requests some are short chats that stream, some have long prompts, some share a long
beginning, some are held to a JSON schema, and some hang up in the midst. Refusals (429 and 503 with Retry-After) are what
overload should give; all else that is no whole answer is a failure. Prints a table, and JSON with --json; --svg draws the memory.
--rate sends so many a second instead; --observed traces every request, logs to a file, watches alerts and reads /metrics every 5 seconds.
"""

import argparse
import asyncio
import collections
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from local_server import Collector, free_port, observed, ready

SCHEMA = {"type": "object", "properties": {"city": {"type": "string", "maxLength": 20}, "age": {"type": "integer"}},
          "required": ["city", "age"], "additionalProperties": False}
WORDS = "river stone north letter garden winter copper market silent harbour seven window field orange paper".split()
QUESTIONS = ["How do I change the port?", "Who are you?", "What is 17 + 25?", "Can Hadal quantize a model?", "你是谁？", "默认端口是什么？"]


class Failure(Exception):
    pass


def text(draw, words):
    return " ".join(draw.choice(WORDS) for _ in range(words))


def request(draw):
    """(kind, body, whether it hangs up)"""
    kind = draw.choices(["chat", "long", "shared", "json", "left"], [45, 15, 15, 15, 10])[0]
    body = {"max_tokens": draw.randint(8, 96), "temperature": draw.choice([0, 0.8]), "seed": draw.randrange(1 << 30), "stream": True,
            "stream_options": {"include_usage": True}}
    content = draw.choice(QUESTIONS)
    if kind == "long":
        content = text(draw, draw.randint(150, 500))
    elif kind == "shared":
        content = text(random.Random(1), 300) + " " + content
    elif kind == "json":
        content = "Ga lives in Ke and is 31. Return city and age of Ga in JSON."
        body |= {"response_format": {"type": "json_schema", "json_schema": {"name": "person", "schema": SCHEMA, "strict": True}},
                 "max_tokens": 64}
    elif kind == "left":
        body["max_tokens"] = 400
        content = text(draw, 60)
    return kind, body | {"messages": [{"role": "user", "content": content}]}, kind == "left"


async def ask(client, model, draw):
    """What came of it: `kind ok`, `kind refused` or `kind left`."""
    kind, body, leaves = request(draw)
    said, reason, events, done = "", None, 0, False
    async with client.stream("POST", "/v1/chat/completions", json=body | {"model": model}) as reply:
        if reply.status_code in (429, 503):
            await reply.aread()
            if "retry-after" not in reply.headers:
                raise Failure(f"{kind}: {reply.status_code} without Retry-After")
            return f"{kind} refused"
        if reply.status_code != 200:
            raise Failure(f"{kind}: {reply.status_code} {(await reply.aread())[:200]!r}")
        async for line in reply.aiter_lines():
            if line == "data: [DONE]":
                done = True
            elif line.startswith("data: "):
                event = json.loads(line[6:])
                if "error" in event:
                    raise Failure(f"{kind}: {event['error']}")
                for choice in event["choices"]:
                    said += choice["delta"].get("content") or ""
                    reason = choice.get("finish_reason") or reason
                events += 1
                if leaves and events > 5:
                    return f"{kind} left"
    if not done or reason not in ("stop", "length"):
        raise Failure(f"{kind}: ended with {reason}, done {done}")
    if kind == "json" and reason == "stop":
        value = json.loads(said)
        if set(value) != {"city", "age"}:
            raise Failure(f"json: {said}")
    return f"{kind} ok"


def memory(root):
    """Resident bytes of a process, and of all below it."""
    children = collections.defaultdict(list)
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children[int(fields[1])].append(int(status.parent.name))

    def resident(process):
        try:
            return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * 4096
        except OSError:
            return 0

    total, queue = 0, list(children[root])
    while queue:
        process = queue.pop()
        queue += children[process]
        total += resident(process)
    return resident(root), total


async def capacity(client, model, seconds):
    """Requests a second of 32 clients that wait for each answer."""
    end, done = time.monotonic() + seconds, 0

    async def one(seed):
        nonlocal done
        draw = random.Random(seed)
        while time.monotonic() < end:
            await ask(client, model, draw)
            done += 1

    await asyncio.gather(*(one(seed) for seed in range(32)))
    return done / seconds


async def soak(server, client, options):
    await ready(client)
    rate = options.rate or 2 * await capacity(client, options.model, options.warm_up)
    outcomes, failures, sizes, waiting = collections.Counter(), [], [], set()
    draw = random.Random(7)

    async def one(seed):
        try:
            outcomes[await ask(client, options.model, random.Random(seed))] += 1
        except (Failure, httpx.HTTPError, ValueError) as error:
            failures.append(f"{type(error).__name__}: {error}")

    start = now = time.monotonic()
    due, sample = now, now
    while now - start < options.minutes * 60:
        while due <= now:
            task = asyncio.create_task(one(draw.randrange(1 << 60)))
            waiting.add(task)
            task.add_done_callback(waiting.discard)
            due += draw.expovariate(rate)
        if now >= sample:
            sizes.append((now - start, *memory(server.pid)))
            sample += 5
            if options.observed:
                text = (await client.get("/metrics")).text
                if "hadal_http_requests_total" not in text:
                    failures.append(f"/metrics: {text[:200]!r}")
        if server.poll() is not None:
            raise SystemExit(f"the server ended with {server.returncode}")
        await asyncio.sleep(max(0.001, min(due, sample) - time.monotonic()))
        now = time.monotonic()
    await asyncio.gather(*waiting)
    figures = (await client.get("/health/ready")).json()
    return rate, outcomes, failures, sizes, figures


def drawing(sizes):
    """The memory of the server and of its workers over the minutes, as SVG."""
    width, height, left, bottom = 720, 240, 60, 30
    minutes, most = sizes[-1][0] / 60, max(max(server, workers) for _, server, workers in sizes) * 1.1
    x = lambda seconds: left + (width - left - 20) * seconds / 60 / minutes
    y = lambda size: height - bottom - (height - bottom - 20) * size / most
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" font-size="12">',
             f'<rect width="{width}" height="{height}" fill="white"/>']
    for step in range(5):
        size, minute = most * step / 4, minutes * step / 4
        parts += [f'<path d="M{left} {y(size):.1f}H{width - 20}" stroke="#ddd"/>',
                  f'<text x="{left - 6}" y="{y(size) + 4:.1f}" text-anchor="end">{size / 1e6:.0f} MB</text>',
                  f'<text x="{x(minute * 60):.1f}" y="{height - 10}" text-anchor="middle">{minute:.0f} min</text>']
    for column, name, color in ((1, "server", "#0a66c2"), (2, "workers", "#c2410a")):
        points = " ".join(f"{x(row[0]):.1f},{y(row[column]):.1f}" for row in sizes[::max(1, len(sizes) // 700)])
        parts += [f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="1.5"/>',
                  f'<text x="{width - 24}" y="{y(sizes[-1][column]) - 6:.1f}" text-anchor="end" fill="{color}">{name}</text>']
    return "\n".join(parts) + "\n</svg>\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hadal", default=str(Path(__file__).parent.parent / ".build/release/hadal"))
    parser.add_argument("--model", default="guide")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--warm-up", type=float, default=20, help="seconds in which the capacity is measured")
    parser.add_argument("--kv-cache", default="24MiB", help="small, so that texts have to make room")
    parser.add_argument("--queue", default="64")
    parser.add_argument("--rate", type=float, help="requests a second")
    parser.add_argument("--observed", action="store_true", help="with traces, a log, alerts and metrics that are read")
    parser.add_argument("--svg", type=Path, help="where to draw the memory")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    port, directory, collector = free_port(), tempfile.TemporaryDirectory(), Collector()
    command = [options.hadal, "serve", options.model, "--listen", f"127.0.0.1:{port}", "--kv-cache", options.kv_cache,
               "--queue", options.queue]
    if options.observed:
        command += ["--data", directory.name, "--config", str(observed(Path(directory.name), collector))]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    async def run():
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=64)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=600, limits=limits) as client:
            return await soak(server, client, options)

    try:
        rate, outcomes, failures, sizes, figures = asyncio.run(run())
    finally:
        server.terminate()
        server.wait()
    if options.svg:
        options.svg.write_text(drawing(sizes))
    sums = [server + workers for _, server, workers in sizes]
    quarter = max(1, len(sums) // 4)
    # The first quarter is that of filling caches.
    before, after = statistics.median(sums[quarter:2 * quarter] or sums), statistics.median(sums[-quarter:])
    result = {"minutes": options.minutes, "offered_per_second": round(rate, 1), "outcomes": dict(sorted(outcomes.items())),
              "failed": len(failures), "memory_second_quarter": before, "memory_last_quarter": after, "memory_peak": max(sums), "spans": collector.spans,
              "models": figures.get("models", figures)}
    if options.json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        print(f"{options.minutes:g} minutes, {rate:.1f} requests/s offered" + ("" if options.rate else ", twice the capacity"))
        for name, count in sorted(outcomes.items()):
            print(f"  {name:16} {count}")
        print(f"  failed           {len(failures)}")
        if options.observed:
            print(f"{collector.spans} spans of traces")
        print(f"memory: {before / 1e6:.0f} MB in the second quarter, {after / 1e6:.0f} MB in the last, peak {max(sums) / 1e6:.0f} MB")
    for failure in failures[:10]:
        print(failure, file=sys.stderr)
    sys.exit(1 if failures or after > 1.05 * before + 5e6 else 0)


main()
