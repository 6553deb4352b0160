#!/usr/bin/env python3
"""Is a card's arithmetic right, and how near does it come to its memory's limit? For the minutes in which one can be had.

usage: Benchmarks/cuda.py [--hadal PATH] [--device cuda] [--shapes llm-7b:bf16,llm-7b:q8_0,llm-7b:q4_0,v2-lite:bf16] [--layers 8] [--quick]

Needs Python alone and a binary that was built elsewhere (`make build`), with NVIDIA's driver and NVRTC on this machine (docs/cuda.md). It
measures what the card's memory gives (a copy of 2 GiB, counted once read and once written), compares the built-in model's logits on the
card with the processor's, looks whether a prompt alone and one of a batch get the same bits, and for random weights in real shapes, of so
many layers, decodes with one sequence and with 64, and reads a prompt of 2048. The table comes last.
"""

import argparse
import ctypes
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Driver:
    """What of libcuda.so.1 is needed to time a copy."""

    def __init__(self):
        self.library = ctypes.CDLL("libcuda.so.1")
        self.call("cuInit", 0)
        context = ctypes.c_void_p()
        self.call("cuDevicePrimaryCtxRetain", ctypes.byref(context), 0)
        self.call("cuCtxSetCurrent", context)

    def call(self, name, *arguments):
        status = getattr(self.library, name)(*arguments)
        if status != 0:
            raise SystemExit(f"{name}: error {status}")

    def copy_rate(self, size=2 << 30, rounds=20):
        """Bytes a second, each counted as it is read and as it is written; the best of three."""
        places = [ctypes.c_uint64() for _ in range(2)]
        for place in places:
            self.call("cuMemAlloc_v2", ctypes.byref(place), ctypes.c_size_t(size))
        best = 0
        for _ in range(3):
            self.call("cuCtxSynchronize")
            start = time.perf_counter()
            for _ in range(rounds):
                self.call("cuMemcpyDtoDAsync_v2", places[0], places[1], ctypes.c_size_t(size), None)
            self.call("cuCtxSynchronize")
            best = max(best, 2 * size * rounds / (time.perf_counter() - start))
        for place in places:
            self.call("cuMemFree_v2", place)
        return best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hadal", default=str(ROOT / ".build/release/hadal"))
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--shapes", default="llm-7b:bf16,llm-7b:q8_0,llm-7b:q4_0,v2-lite:bf16")
    parser.add_argument("--layers", default="8")
    parser.add_argument("--quick", action="store_true", help="correctness alone")
    options = parser.parse_args()
    limit = Driver().copy_rate() if options.device.startswith("cuda") else None

    def hadal(*arguments, device=options.device):
        result = subprocess.run(
            [options.hadal, *arguments], stdout=subprocess.PIPE, env=os.environ | {"HADAL_DEVICE": device}, check=True)
        return json.loads(result.stdout)

    tokens = [(7 * index + 11) % 4000 + 100 for index in range(70)]

    def logits(tokens, device=options.device):
        return hadal("logits", "guide", "--all", "--tokens", ",".join(map(str, tokens)), "--json", device=device)["logits"]

    reference, found = logits(tokens, "cpu"), logits(tokens)
    largest = max(abs(value) for row in reference for value in row)
    error = max(abs(a - b) for x, y in zip(reference, found) for a, b in zip(x, y)) / largest
    same = logits(tokens[:33]) == found[:33]
    rows = [("guide's logits, largest difference", f"{error:.1e}", "≤ 1e-2", error <= 1e-2),
            ("the same bits for 33 and 70 tokens", "yes" if same else "no", "yes", same)]

    with tempfile.TemporaryDirectory() as directory:
        for shape in [] if options.quick else options.shapes.split(","):
            name, number_format = shape.split(":")
            path = f"{directory}/{name}.gguf"
            subprocess.run([options.hadal, "bench", "synth", name, path, "--format", number_format, "--layers", options.layers], check=True)
            result = hadal("bench", "engine", path, "--prefill", "2048", "--decode", "64", "--batch", "1,64", "--repeats", "3", "--json")
            os.remove(path)
            for item in result["results"]:
                rate = item["decode_weight_bytes_per_second"]
                share = f"{rate / limit:.0%} of {limit / 1e12:.2f} TB/s" if limit else f"{rate / 1e9:.1f} GB/s"
                rows.append((f"{shape}, {item['batch']} sequences", f"{item['decode_tokens_per_second']:.0f} tok/s", share, None))
            operations = result["results"][0]["prefill_operations_per_second"]
            rows.append((f"{shape}, prompt of 2048", f"{result['results'][0]['prefill_tokens_per_second']:.0f} tok/s",
                         f"{operations / 1e12:.0f} TOP/s", None))

    print(subprocess.run([options.hadal, "--version"], stdout=subprocess.PIPE, text=True).stdout.strip(), "on", options.device)
    for what, value, beside, right in rows:
        print(f"{what:42} {value:>14}  {beside:24} {'' if right is None else 'ok' if right else 'WRONG'}")
    if any(right is False for *_, right in rows):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
