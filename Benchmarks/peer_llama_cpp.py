#!/usr/bin/env python3
"""llama.cpp's speed on a GGUF file through llama-cpp-python, as one JSON line: prefill and decode tokens/s.

usage: peer_llama_cpp.py MODEL.gguf [--prefill 512] [--decode 64] [--threads 2] [--repeat 3]
Flash attention on, the same token ids as `hadal bench engine` uses. Medians over the repeats, after one warm-up.
"""
import argparse
import json
import statistics
import time

import llama_cpp


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--prefill", type=int, default=512)
    parser.add_argument("--decode", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()

    model = llama_cpp.Llama(
        arguments.model, n_ctx=arguments.prefill + arguments.decode + 8, n_threads=arguments.threads,
        n_threads_batch=arguments.threads, n_batch=512, n_ubatch=512, flash_attn=True, verbose=False)
    prompt = [(7 * index + 11) % 1000 + 100 for index in range(arguments.prefill)]
    prefill, decode = [], []
    for repeat in range(arguments.repeat + 1):
        model.reset()
        start = time.perf_counter()
        model.eval(prompt)
        middle = time.perf_counter()
        for index in range(arguments.decode):
            model.eval([(13 * index + 17) % 1000 + 100])
        end = time.perf_counter()
        if repeat:  # the first pass warms caches and repacks
            prefill.append(arguments.prefill / (middle - start))
            decode.append(arguments.decode / (end - middle))
    print(json.dumps({
        "engine": f"llama.cpp (llama-cpp-python {llama_cpp.__version__})",
        "prefill_tokens_per_second": round(statistics.median(prefill), 2),
        "decode_tokens_per_second": round(statistics.median(decode), 2),
    }))


main()
