#!/usr/bin/env python3
"""What an answer from the cache takes through HTTP: the goal is at most 2 ms at the median.

usage: cache.py [--hadal .build/release/hadal] [--model Guide/guide.gguf] [--seconds 10] [--words 200]

A server with the guide model keeps answers for an hour. One client asks it the same question again and again on one
connection, with temperature 0, once for each kind of answer: whole, streamed, and with log-probabilities; and after a prompt
of so many words, of which the key is made each time. Prints a line of JSON for each: milliseconds of the first answer, which
was computed, and of the median and the slowest in a hundred of those from the cache. Ends with 1 where the goal is missed, or
where an answer from the cache says anything else than the computed one.
"""

import argparse
import http.client
import json
import re
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GOAL = 2
QUESTION = "How is the server started?"
CONFIGURATION = """
content:
  cache: {lifetime: 1h}
"""


def body(content, **more):
    return json.dumps({"model": "guide", "temperature": 0, "max_tokens": 100,
                       "messages": [{"role": "user", "content": content}], **more})


def kinds(words):
    return [("whole", body(QUESTION)), ("streamed", body(QUESTION, stream=True)),
            ("log-probabilities", body(QUESTION, logprobs=True, top_logprobs=5)),
            ("long prompt", body(" ".join(f"word{number}" for number in range(words)) + " " + QUESTION))]


class Server:
    def __init__(self, hadal, model, directory):
        configuration = directory / "hadal.yaml"
        configuration.write_text(CONFIGURATION)
        command = [hadal, "serve", f"guide={model}", "--listen", "127.0.0.1:0", "--config", str(configuration),
                   "--data", str(directory / "data")]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in self.process.stdout:
            found = re.search(r"curl http://127\.0\.0\.1:(\d+)/v1/", line)
            if found:
                self.connection = http.client.HTTPConnection("127.0.0.1", int(found.group(1)), timeout=60)
                return
        raise SystemExit(f"{' '.join(command)} did not start")

    def ask(self, body, **headers):
        """Milliseconds, what the answer says of the cache, and its text."""
        start = time.perf_counter()
        self.connection.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json", **headers})
        answer = self.connection.getresponse()
        text = answer.read().decode()
        taken = (time.perf_counter() - start) * 1000
        if answer.status != 200:
            raise SystemExit(f"{answer.status} {text[:500]}")
        return taken, answer.getheader("x-hadal-cache"), said(text)

    def end(self):
        self.process.terminate()
        self.process.wait(30)


def said(text):
    """The answer's text and log-probabilities, whatever pieces a stream gives it in."""
    if not text.startswith("data:"):
        choice = json.loads(text)["choices"][0]
        return choice["message"]["content"], choice.get("logprobs")
    lines = [line[len("data: "):] for line in text.splitlines() if line.startswith("data: {")]
    choices = [choice for line in lines for choice in json.loads(line)["choices"]]
    return "".join(choice["delta"].get("content") or "" for choice in choices), None


def share(times, part):
    return sorted(times)[min(len(times) - 1, int(len(times) * part))]


def measure(server, body, seconds):
    """Milliseconds of the computed answer and of those from the cache, and how many of these were not as the first."""
    # Whole and streamed are the same request to the cache, so the computed one is asked for.
    computed, _, first = server.ask(body, **{"x-hadal-cache": "bypass"})
    times, different = [], 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        taken, cached, answer = server.ask(body)
        times.append(taken)
        different += cached != "hit" or answer != first
    return computed, times, different


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hadal", default=str(ROOT / ".build/release/hadal"))
    parser.add_argument("--model", default=str(ROOT / "Guide/guide.gguf"))
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--words", type=int, default=200, help="of the long prompt")
    options = parser.parse_args()
    missed = False
    with tempfile.TemporaryDirectory() as directory:
        server = Server(options.hadal, options.model, Path(directory))
        try:
            for name, request in kinds(options.words):
                computed, times, different = measure(server, request, options.seconds)
                row = {"answer": name, "requests": len(times), "computed": round(computed, 1),
                       "p50": round(share(times, 0.5), 3), "p99": round(share(times, 0.99), 3), "different": different}
                row["within_goal"] = row["p50"] <= GOAL and different == 0
                missed = missed or not row["within_goal"]
                print(json.dumps(row), flush=True)
        finally:
            server.end()
    raise SystemExit(1 if missed else 0)


if __name__ == "__main__":
    main()
