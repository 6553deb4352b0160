#!/usr/bin/env python3
"""Kills the worker at random while clients stream: is every answer complete and the same as undisturbed?

usage: .venv/bin/python Benchmarks/chaos.py [--minutes 10] [--clients 16] [--every 8] [--model guide]

Starts `hadal serve`, asks a set of questions once undisturbed, then again and again by so many clients while the worker is ended
by SIGKILL at random times (Poisson, so many seconds apart on average). Every answer is compared with the undisturbed one, event by
event. Prints what came of it: answers, kills, differences, and the longest pauses within a stream.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import statistics
import subprocess
import time
from pathlib import Path

import httpx

from local_server import free_port, ready

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = {"type": "object", "properties": {"city": {"type": "string", "maxLength": 20}, "age": {"type": "integer"}},
          "required": ["city", "age"], "additionalProperties": False}
TOOLS = [{"type": "function", "function": {"name": "weather", "description": "Tells the weather of a city.", "parameters": {
    "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}]


def questions(count):
    draw = random.Random(3)
    for index in range(count):
        kind = draw.choice(["chat", "chat", "text", "json", "tool"])
        body = {"seed": index, "temperature": draw.choice([0, 0.7, 1.2]), "max_tokens": draw.randint(60, 400), "stream": True,
                "stream_options": {"include_usage": True}}
        content = draw.choice(["How do I make a key?", "What is 17 + 25?", "默认端口是什么？", "Tell me about backups."])
        if kind == "json":
            content = "Ga lives in Ke and is 31. Return city and age of Ga in JSON."
            body["response_format"] = {"type": "json_schema", "json_schema": {"name": "p", "schema": SCHEMA, "strict": True}}
        if kind == "tool":
            content, body["tools"] = "What is the weather in Paris?", TOOLS
        if kind == "text":
            yield "/v1/completions", body | {"prompt": f"Story {index}: ", "ignore_eos": True, "logprobs": 1}
        else:
            yield "/v1/chat/completions", body | {"messages": [{"role": "user", "content": content}]}


def told(event):
    """An event without what differs from answer to answer."""
    event = json.loads(event)
    for choice in event.get("choices", []):
        for call in choice.get("delta", {}).get("tool_calls") or []:
            call.pop("id", None)
    usage = event.get("usage") or {}
    return [event.get("choices"), event.get("error"), usage.get("prompt_tokens"), usage.get("completion_tokens")]


async def ask(client, model, path, body):
    """(events, the longest pause between two of them)"""
    events, last, pause = [], time.monotonic(), 0.0
    async with client.stream("POST", path, json=body | {"model": model}) as reply:
        if reply.status_code != 200:
            return [reply.status_code, (await reply.aread()).decode()[:300]], 0.0
        async for line in reply.aiter_lines():
            if not line.startswith("data: "):
                continue
            pause = max(pause, time.monotonic() - last)
            last = time.monotonic()
            events.append(line if line == "data: [DONE]" else told(line[6:]))
    return events, pause


def worker(server):
    children = Path(f"/proc/{server}/task").glob("*/children")
    found = [int(pid) for path in children for pid in path.read_text().split()]
    return found[0] if found else None


async def chaos(server, client, options):
    await ready(client)
    asked = list(questions(options.questions))
    expected = [(await ask(client, options.model, *question))[0] for question in asked]
    for events in expected:
        if events[-1] != "data: [DONE]":
            raise SystemExit(f"undisturbed: {events[-1]}")
    end = time.monotonic() + options.minutes * 60
    counts, wrong, pauses, kills = 0, [], [], 0

    async def clients(seed):
        nonlocal counts
        draw = random.Random(seed)
        while time.monotonic() < end:
            index = draw.randrange(len(asked))
            try:
                events, pause = await ask(client, options.model, *asked[index])
            except httpx.HTTPError as error:
                events, pause = [repr(error)], 0.0
            counts += 1
            pauses.append(pause)
            if events != expected[index]:
                wrong.append({"question": index, "last": events[-1] if events else None})

    async def killer():
        nonlocal kills
        draw = random.Random(1)
        while True:
            await asyncio.sleep(draw.expovariate(1 / options.every))
            if time.monotonic() > end:
                return
            if pid := worker(server.pid):
                os.kill(pid, signal.SIGKILL)
                kills += 1

    await asyncio.gather(killer(), *(clients(seed) for seed in range(options.clients)))
    return counts, kills, wrong, pauses


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hadal", default=str(ROOT / ".build/release/hadal"))
    parser.add_argument("--model", default="guide")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--every", type=float, default=8, help="seconds between two kills, on average")
    parser.add_argument("--questions", type=int, default=60)
    options = parser.parse_args()
    port = free_port()
    server = subprocess.Popen([options.hadal, "serve", options.model, "--listen", f"127.0.0.1:{port}"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    async def run():
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=300) as client:
            return await chaos(server, client, options)

    try:
        counts, kills, wrong, pauses = asyncio.run(run())
    finally:
        server.terminate()
        server.wait()
    pauses.sort()
    print(json.dumps({
        "answers": counts, "kills": kills, "different": len(wrong), "examples": wrong[:5],
        "pause_p50": round(statistics.median(pauses), 3), "pause_p99": round(pauses[int(0.99 * (len(pauses) - 1))], 3),
        "pause_longest": round(pauses[-1], 3)}))
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
