#!/usr/bin/env python3
"""From the start of the program to the first token, with the files in the page cache, and the peak of its memory.

usage: start.py MODEL... [--hadal .build/release/hadal] [--rounds 5]

Models take turns. Prints a line of JSON for each: seconds (median and all), and the most memory that was taken.
"""

import argparse
import json
import os
import statistics
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def start(hadal, model):
    """(seconds, bytes of memory)"""
    begin = time.monotonic()
    process = subprocess.Popen([hadal, "generate", model, "--prompt", "Hello", "--max-tokens", "1", "--json"], stdout=subprocess.PIPE)
    process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{model}: hadal ended with {os.waitstatus_to_exitcode(status)}")
    return time.monotonic() - begin, usage.ru_maxrss * 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("models", nargs="+")
    parser.add_argument("--hadal", default=str(ROOT / ".build/release/hadal"))
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    found = {model: [] for model in arguments.models}
    for model in arguments.models:
        start(arguments.hadal, model)
    for _ in range(arguments.rounds):
        for model in arguments.models:
            found[model].append(start(arguments.hadal, model))
    for model, runs in found.items():
        print(json.dumps({"model": model, "bytes": os.path.getsize(model), "seconds": round(statistics.median(s for s, _ in runs), 2),
                          "runs": [round(s, 2) for s, _ in runs], "peak_bytes": max(memory for _, memory in runs)}))


if __name__ == "__main__":
    main()
