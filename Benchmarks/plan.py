#!/usr/bin/env python3
"""Does `hadal plan` tell what this machine then does? Memory and speed, planned and measured, for models of several shapes and formats.

usage: Benchmarks/plan.py [--models r1-distill-qwen-1.5b:q8_0,r1-distill-qwen-1.5b:q4_k,llm-7b:q4_0,v2-lite:q4_k] [--repeats 3] [--keep DIR]

For each, a GGUF file with random weights is written (`hadal bench synth`), planned for one user on this machine as it is measured, and run
(`hadal bench engine`): tokens a second of a prompt of 512, and of decoding; the most memory of the process that is not the file's own
pages, in which the measurement of the machine's limits has about 1 GB. Prints both and measured/planned. The goals are 5 % for memory and 20 % for speed.
"""

import argparse
import json
import os
import subprocess
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROMPT, ANSWER = 512, 64


def memory(process, found):
    """The most of it, while it runs."""
    while process.poll() is None:
        try:
            lines = dict(line.split(":", 1) for line in Path(f"/proc/{process.pid}/status").read_text().splitlines())
            found.append(sum(int(lines[name].split()[0]) for name in ("RssAnon", "RssShmem")) * 1024)
        except (OSError, KeyError):
            pass
        time.sleep(0.05)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hadal", default=str(ROOT / ".build/release/hadal"))
    parser.add_argument("--models", default="r1-distill-qwen-1.5b:q8_0,r1-distill-qwen-1.5b:q4_k,llm-7b:q4_0,v2-lite:q4_k")
    parser.add_argument("--repeats", default="3")
    parser.add_argument("--keep", help="a directory where the files stay")
    options = parser.parse_args()
    directory = Path(options.keep or tempfile.mkdtemp(prefix="hadal-plan-"))
    for model in options.models.split(","):
        shape, quantization = model.split(":")
        file = directory / f"{shape}-{quantization}.gguf"
        if not file.exists():
            subprocess.run([options.hadal, "bench", "synth", shape, str(file), "--format", quantization], check=True, stdout=subprocess.DEVNULL)
        # Once, so that it is in the page cache.
        subprocess.run(["cat", str(file)], stdout=subprocess.DEVNULL)
        planned = json.loads(subprocess.run(
            [options.hadal, "plan", str(file), "--json", "--users", "1", "--context", str(PROMPT + ANSWER), "--prompt-tokens", str(PROMPT),
             "--answer-tokens", str(ANSWER), "--answers-per-minute", "0.001", "--target-latency", "80000"], check=True, capture_output=True).stdout)
        plan = next(option for option in planned["formats"] if option["format"].lower() == quantization)
        bench = subprocess.Popen(
            [options.hadal, "bench", "engine", str(file), "--json", "--prefill", str(PROMPT), "--decode", str(ANSWER), "--repeats", options.repeats],
            stdout=subprocess.PIPE)
        found = []
        watch = threading.Thread(target=memory, args=(bench, found))
        watch.start()
        measured = json.loads(bench.stdout.read())["results"][0]
        watch.join()
        line = {"model": model}
        for name, one, other in [
            ("memory_gb", plan["memory"]["total"] / 1e9, max(found) / 1e9),
            ("prefill_tokens_per_second", plan["prefill_tokens_per_second"], measured["prefill_tokens_per_second"]),
            ("decode_tokens_per_second", plan["decode_tokens_per_second"], measured["decode_tokens_per_second"]),
        ]:
            line[name] = {"planned": round(one, 2), "measured": round(other, 2), "ratio": round(other / one, 3)}
        print(json.dumps(line), flush=True)
        if not options.keep:
            os.remove(file)


if __name__ == "__main__":
    main()
