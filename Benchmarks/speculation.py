#!/usr/bin/env python3
"""What guessing ahead brings on the built-in model: tokens a second with and without, in turns.

usage: speculation.py [--hadal .build/release/hadal] [--model guide] [--prompts 60] [--rounds 3] [--clients 1,8]

The prompts are the guide's own test prompts (Guide/corpus). Prints a line of JSON for each number of clients; answers with
and without guesses are compared, and have to be the same.
"""

import argparse
import concurrent.futures
import json
import re
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "Guide" / "corpus"))

from build import samples  # noqa: E402


class Server:
    def __init__(self, hadal, model, drafts):
        self.process = subprocess.Popen(
            [hadal, "serve", f"model={model}", "--listen", "127.0.0.1:0", "--no-prefix-cache", "--draft-tokens", str(drafts)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in self.process.stdout:
            found = re.search(r"curl (http://\S+?)/v1/", line)
            if found:
                self.base = found.group(1)
                return
        raise SystemExit("the server does not start")

    def get(self, path, body=None):
        request = urllib.request.Request(
            self.base + path, body and json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def ask(self, messages):
        answer = self.get("/v1/chat/completions", {"model": "model", "messages": messages, "temperature": 0, "max_tokens": 200})
        return answer["choices"][0]["message"]["content"], answer["usage"]["completion_tokens"]

    def run(self, prompts, clients):
        start = time.perf_counter()
        with concurrent.futures.ThreadPoolExecutor(clients) as pool:
            answers = list(pool.map(self.ask, prompts))
        return sum(count for _, count in answers) / (time.perf_counter() - start), [text for text, _ in answers]


def figures(server):
    def find(value):
        if isinstance(value, dict):
            if "drafted_tokens" in value:
                return value
            value = list(value.values())
        if isinstance(value, list):
            return next((found for found in map(find, value) if found), None)
        return None
    return find(server.get("/health/ready"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hadal", default=str(ROOT / ".build/release/hadal"))
    parser.add_argument("--model", default="guide")
    parser.add_argument("--prompts", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", default="1,8")
    options = parser.parse_args()
    stream = samples("test", "speculation", {"hadal": 4, "arithmetic": 2, "json": 1, "passage": 1})
    prompts = [next(stream)["messages"][:-1] for _ in range(options.prompts)]
    servers = {drafts: Server(options.hadal, options.model, drafts) for drafts in (0, 4)}
    try:
        for clients in map(int, options.clients.split(",")):
            rates, answers = {0: [], 4: []}, {}
            before = figures(servers[4])
            for _ in range(options.rounds):
                for drafts, server in servers.items():
                    rate, answers[drafts] = server.run(prompts, clients)
                    rates[drafts].append(rate)
            after = figures(servers[4])
            assert answers[0] == answers[4], "guesses changed an answer"
            drafted, accepted = (after[key] - before[key] for key in ("drafted_tokens", "accepted_tokens"))
            plain, guessed = (statistics.median(rates[drafts]) for drafts in (0, 4))
            print(json.dumps({
                "clients": clients, "plain_tokens_per_second": round(plain, 1), "speculative_tokens_per_second": round(guessed, 1),
                "ratio": round(guessed / plain, 3), "drafted": drafted, "accepted": accepted}), flush=True)
    finally:
        for server in servers.values():
            server.process.terminate()


if __name__ == "__main__":
    main()
