#!/usr/bin/env python3
"""Time to the first token of a prompt of which a part was seen before, beside that of a new one.

usage: prefix_reuse.py BASE_URL MODEL [--tokens 2048] [--seen 0.9] [--rounds 5]

Prompts are token ids, so that any model with random weights serves. Prints one line of JSON.
"""

import argparse
import json
import random
import statistics
import time
import urllib.request


def first_token(base, model, tokens):
    """Seconds to the first event of a stream, and the tokens that the usage calls cached."""
    body = {
        "model": model, "prompt": tokens, "max_tokens": 2, "temperature": 0, "stream": True,
        "logprobs": 0, "stream_options": {"include_usage": True},
    }
    request = urllib.request.Request(
        base + "/v1/completions", json.dumps(body).encode(), {"Content-Type": "application/json"})
    start = time.perf_counter()
    first, cached = None, None
    with urllib.request.urlopen(request) as answer:
        for line in answer:
            if not line.startswith(b"data: {"):
                continue
            if first is None:
                first = time.perf_counter() - start
            usage = json.loads(line[6:]).get("usage")
            if usage:
                cached = usage["prompt_tokens_details"]["cached_tokens"]
    return first, cached


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base")
    parser.add_argument("model")
    parser.add_argument("--tokens", type=int, default=2048)
    parser.add_argument("--seen", type=float, default=0.9)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    draw = random.Random(time.time_ns())
    prompt = lambda count: [draw.randrange(1000, 30000) for _ in range(count)]
    cold, warm, hits = [], [], []
    first_token(options.base, options.model, prompt(64))
    for _ in range(options.rounds):
        text = prompt(options.tokens)
        cold.append(first_token(options.base, options.model, text)[0])
        seen = int(options.tokens * options.seen)
        seconds, cached = first_token(options.base, options.model, text[:seen] + prompt(options.tokens - seen))
        warm.append(seconds)
        hits.append(cached)
    print(json.dumps({
        "tokens": options.tokens, "cached": statistics.median(hits), "cold_seconds": statistics.median(cold),
        "warm_seconds": statistics.median(warm),
        "ratio": statistics.median(w / c for w, c in zip(warm, cold)),
    }))


main()
