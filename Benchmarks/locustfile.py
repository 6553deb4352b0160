"""The load of `hadal bench load --clients`, for those who use Locust.

    pip install locust
    locust -f Benchmarks/locustfile.py --host http://127.0.0.1:8000 --headless --users 16 --run-time 60s

HADAL_KEY, HADAL_MODEL (default: the first that the server names), HADAL_PROMPT_WORDS, HADAL_ANSWER_TOKENS in the environment. Beside
Locust's own request (until the stream begins) it tells of `first token`, `between tokens` and `whole answer`.
"""

import json
import os
import random
import time

from locust import HttpUser, between, events, task

WORDS = ("the of and to in is that for it as was with be by on not at are this have from or had an they which one you were all "
         "her she there would their we him been has when who will no more if out so up").split()


class Reader(HttpUser):
    wait_time = between(0, 0)

    def on_start(self):
        key = os.environ.get("HADAL_KEY")
        if key:
            self.client.headers["Authorization"] = f"Bearer {key}"
        self.model = os.environ.get("HADAL_MODEL") or self.client.get("/v1/models").json()["data"][0]["id"]
        self.words = int(os.environ.get("HADAL_PROMPT_WORDS", "256"))
        self.tokens = int(os.environ.get("HADAL_ANSWER_TOKENS", "64"))

    @task
    def ask(self):
        body = {
            "model": self.model, "stream": True, "max_tokens": self.tokens,
            "messages": [{"role": "user", "content": " ".join(random.choices(WORDS, k=self.words))}],
        }
        start = last = time.perf_counter()
        first = None
        with self.client.post("/v1/chat/completions", json=body, stream=True, catch_response=True) as response:
            if response.status_code != 200:
                return response.failure(f"status {response.status_code}")
            for line in response.iter_lines():
                if not line.startswith(b"data: "):
                    continue
                if line == b"data: [DONE]":
                    tell("whole answer", time.perf_counter() - start)
                    return response.success()
                delta = (json.loads(line[6:]).get("choices") or [{}])[0].get("delta", {})
                if not (delta.get("content") or delta.get("reasoning_content") or delta.get("tool_calls")):
                    continue
                now = time.perf_counter()
                tell("first token" if first is None else "between tokens", now - last)
                first, last = first or now, now
            response.failure("broken off")


def tell(name, seconds):
    events.request.fire(
        request_type="stream", name=name, response_time=seconds * 1000, response_length=0, exception=None, context={})
