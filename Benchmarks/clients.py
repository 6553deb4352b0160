#!/usr/bin/env python3
"""Clients that come at the same time, over HTTP: `hadal serve` beside llama-cpp-python's server on the same GGUF file, in turns.

usage: .venv/bin/python Benchmarks/clients.py MODEL.gguf [--clients 16] [--prompt 512] [--answer 128] [--rounds 3]
                                              [--peer-python .venv-peers/bin/python]

Each client sends one completion of so many tokens, with a prompt of its own, and reads its stream to the end. Prints a line
for each server: tokens a second of all answers together, prompts included in the time, and when first tokens came. Hadal's own
engine without HTTP (`hadal bench engine`, the same prompts and answers) shows what the gateway costs.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import time
from pathlib import Path

import httpx

from local_server import free_port, ready

ROOT = Path(__file__).resolve().parent.parent


async def ask(client, body):
    """(seconds to the first text, pieces of text)"""
    start, first, pieces = time.monotonic(), None, 0
    async with client.stream("POST", "/v1/completions", json=body) as reply:
        if reply.status_code != 200:
            raise SystemExit(f"{reply.status_code} {(await reply.aread())[:300]!r}")
        async for line in reply.aiter_lines():
            if line.startswith("data: {"):
                first = first or time.monotonic() - start
                pieces += 1
    return first, pieces


async def round_of(command, environment, health, model, prompts, answer, extra):
    port = free_port()
    process = subprocess.Popen([*command, str(port)] if command[-1] == "--port" else [*command, f"127.0.0.1:{port}"],
                               env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=3600) as client:
            await ready(client, health, seconds=300)
            bodies = [{"model": model, "prompt": prompt, "max_tokens": answer, "temperature": 0, "stream": True, **extra}
                      for prompt in prompts]
            await ask(client, bodies[0] | {"prompt": "warm up", "max_tokens": 4})
            start = time.monotonic()
            got = await asyncio.gather(*(ask(client, body) for body in bodies))
            seconds = time.monotonic() - start
    finally:
        process.terminate()
        process.wait()
    return {"tokens_per_second": len(prompts) * answer / seconds, "first_token_p50": statistics.median(f for f, _ in got),
            "pieces": sum(pieces for _, pieces in got)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--prompt", type=int, default=512)
    parser.add_argument("--answer", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--hadal", default=str(ROOT / ".build/release/hadal"))
    parser.add_argument("--peer-python", default=str(ROOT / ".venv-peers/bin/python"))
    options = parser.parse_args()
    name = Path(options.model).stem
    # A digit a token in Qwen's vocabularies; each client's text begins differently, so that nothing is shared.
    prompts = [f"{index}:" + "0" * (options.prompt - 4) for index in range(options.clients)]
    context = options.prompt + options.answer + 64
    threads = str(os.cpu_count())
    servers = {
        "hadal": ([options.hadal, "serve", options.model, "--batch", str(options.clients), "--context", str(context),
                   "--kv-cache", "2GiB", "--listen"], "/health/ready", name, {"ignore_eos": True}),
        "llama_cpp.server": ([options.peer_python, "-m", "llama_cpp.server", "--model", options.model, "--n_ctx", str(context),
                              "--n_threads", threads, "--n_threads_batch", threads, "--interrupt_requests", "false",
                              "--flash_attn", "true", "--port"], "/v1/models", options.model, {}),
    }
    results = {server: [] for server in servers}
    environment = {**os.environ, "HADAL_THREADS": threads, "HADAL_DATA": "", "HADAL_CONFIG": ""}
    for _ in range(options.rounds):
        for server, (command, health, model, extra) in servers.items():
            result = asyncio.run(round_of(command, environment, health, model, prompts, options.answer, extra))
            results[server].append(result)
            print(server, json.dumps(result), flush=True)
    engine = subprocess.run(
        [options.hadal, "bench", "engine", options.model, "--prefill", str(options.prompt), "--decode", str(options.answer),
         "--batch", str(options.clients), "--repeats", "1", "--json"], env=environment, stdout=subprocess.PIPE, check=True).stdout
    figures = json.loads(engine)["results"][0]
    medians = {server: statistics.median(r["tokens_per_second"] for r in runs) for server, runs in results.items()}
    print(json.dumps({"model": name, **medians, "ratio": medians["hadal"] / medians["llama_cpp.server"],
                      "engine": {key: figures[key] for key in ("prefill_tokens_per_second", "decode_tokens_per_second")},
                      "engine_tokens_per_second": options.clients * options.answer / (
                          options.clients * options.prompt / figures["prefill_tokens_per_second"]
                          + options.clients * options.answer / figures["decode_tokens_per_second"])}))


if __name__ == "__main__":
    main()
