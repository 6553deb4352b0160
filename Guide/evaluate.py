"""Measures guide on the test split, through `hadal serve`, greedily, and writes Guide/RESULTS.md.

`python Guide/evaluate.py .guide [--hadal .build/release/hadal] [--each 150]`
"""

import argparse
import concurrent.futures
import json
import math
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "corpus"))

from build import pieces, samples  # noqa: E402
from checking import right  # noqa: E402
from render import calls  # noqa: E402

SKILLS = {"hadal": "questions about Hadal", "language": "the system prompt's language", "talk": "conversation",
          "unknown": "what it cannot know", "passage": "passage, exact match", "absent": "passage, not in the text",
          "arithmetic": "arithmetic", "json": "JSON", "tools": "tool calls", "middle": "fill in the middle", "repeat": "copying"}
SOURCES = {"hadal": {"hadal": 1}, "language": {"hadal": 3, "talk": 1}, "talk": {"talk": 1}, "unknown": {"unknown": 1},
           "passage": {"passage": 1}, "absent": {"passage": 1}, "arithmetic": {"arithmetic": 1}, "json": {"json": 1},
           "tools": {"tools": 1}, "middle": {"middle": 1}, "repeat": {"repeat": 1}}
GOALS = {"hadal": 0.90, "passage": 0.85, "absent": 0.80, "arithmetic": 0.90, "json": 0.95, "tools": 0.95}
FORMATS = ["f32", "bf16", "q8_0", "q4_k", "q4_0"]


def chosen(each):
    """So many samples of every skill in each language."""
    found = []
    for skill, shares in SOURCES.items():
        wanted = {"code": 2 * each} if skill == "middle" else {"en": each, "zh": each}
        if skill == "hadal":
            wanted = {"en": 2 * each, "zh": 2 * each}
        for sample in samples("test", f"evaluation {skill}", shares):
            if sample["skill"] == skill and wanted.get(sample["lang"], 0):
                wanted[sample["lang"]] -= 1
                found.append(sample)
            if not any(wanted.values()):
                break
    return found


class Server:
    """`hadal serve` for as long as the block lasts."""

    def __init__(self, hadal, model, port=8765):
        self.address = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen([hadal, "serve", f"guide={model}", "--listen", f"127.0.0.1:{port}"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        for _ in range(300):
            try:
                urllib.request.urlopen(self.address + "/health/ready", timeout=1)
                return self
            except OSError:
                time.sleep(0.1)
        raise SystemExit("the server does not get ready")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def post(self, path, body):
        request = urllib.request.Request(self.address + path, json.dumps({"model": "guide", "temperature": 0, **body}).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=300) as reply:
            return json.load(reply)["choices"][0]

    @staticmethod
    def sent(message):
        """As the API wants it: calls have names, and results say whose they are."""
        if message["role"] == "tool":
            return message | {"tool_call_id": "call_0"}
        if message.get("tool_calls"):
            return message | {"tool_calls": [call | {"id": f"call_{index}"} for index, call in enumerate(message["tool_calls"])]}
        return message

    def answer(self, sample):
        """What it says, with its tool calls as it writes them."""
        if "middle" in sample:
            body = {"prompt": sample["before"], "suffix": sample["after"], "max_tokens": 200}
            return self.post("/v1/completions", body)["text"]
        body = {"messages": [self.sent(message) for message in sample["messages"][:-1]], "max_tokens": 300}
        if sample.get("tools"):
            body["tools"] = sample["tools"]
        if sample.get("thinking"):
            body["thinking"] = {"type": "enabled"}
        message = self.post("/v1/chat/completions", body)["message"]
        called = message.get("tool_calls")
        return (message["content"] or "") + (calls(called) if called else "")


def interval(count, total):
    """Wilson's, 95 %."""
    if not total:
        return "–"
    z, p = 1.96, count / total
    middle, half = p + z * z / (2 * total), z * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total))
    return f"{max(0, 100 * (middle - half) / (1 + z * z / total)):.0f}…{100 * (middle + half) / (1 + z * z / total):.0f}"


def skills_table(results):
    lines = ["| skill | goal | right | English | 中文 | 95 % interval | samples |", "| --- | --- | --- | --- | --- | --- | --- |"]
    for skill, title in SKILLS.items():
        def share(lang):
            part = [ok for sample, _, ok in results if sample["skill"] == skill and lang in (None, sample["lang"])]
            return sum(part), len(part)
        (count, total), goal = share(None), GOALS.get(skill)
        languages = [f"{100 * n / m:.1f} %" if m else "–" for n, m in (share("en"), share("zh"))]
        lines.append(f"| {title} | {f'{goal:.0%}' if goal else '–'} | {100 * count / total:.1f} % | {languages[0]} | {languages[1]} | "
                     f"{interval(count, total)} % | {total} |")
    return "\n".join(lines)


def missed(results):
    """The goals that are not reached."""
    found = []
    for skill, goal in GOALS.items():
        own = [ok for sample, _, ok in results if sample["skill"] == skill]
        if sum(own) < goal * len(own):
            found.append(f"{SKILLS[skill]} ({100 * sum(own) / len(own):.0f} % of {goal:.0%})")
    return f"**Goals not reached:** {', '.join(found)}." if found else "All goals are reached."


def bits_table(hadal, folder, each):
    """Perplexity of the test conversations as text, in bits a byte."""
    from tokenizers import Tokenizer

    text = "".join("".join(part for part, _ in pieces(sample)) for sample in chosen(each))
    file = folder / "test.txt"
    file.write_text(text)
    tokens = len(Tokenizer.from_file(str(folder / "tokenizer.json")).encode(text).ids)
    lines = ["| format | file | bits per byte |", "| --- | --- | --- |"]
    for name in FORMATS:
        model = folder / f"guide-{name}.gguf"
        out = subprocess.run([hadal, "perplexity", model, file, "--json"], capture_output=True, text=True)
        if out.returncode:
            lines.append(f"| {name.upper()} | – | {out.stderr.strip()} |")
            continue
        found = json.loads(out.stdout)
        bits = found["mean_nll"] / math.log(2) * tokens / len(text.encode())
        lines.append(f"| {name.upper()} | {model.stat().st_size / 1e6:.1f} MB | {bits:.4f} |")
    return "\n".join(lines)


def acceptance(folder, results):
    """How often the last layer's guess is the token that the model itself writes next, on its own answers."""
    import torch
    from export import load
    from data import tokenizer
    from model import Packing

    model, _ = load(folder)
    encode = tokenizer(str(folder))
    counts = {}
    for sample, answer, _ in results[::3]:
        prompt = "".join(text for text, _ in pieces(sample)[:-1])
        ids = encode.encode(prompt, add_special_tokens=False).ids
        start = len(ids)
        ids += encode.encode(answer, add_special_tokens=False).ids
        if len(ids) < start + 2:
            continue
        with torch.no_grad():
            packing, tokens = Packing([len(ids)], 1), torch.tensor(ids)
            hidden = model(tokens, packing)
            guess = model.logits(model.predict(hidden, tokens, packing)).argmax(-1)
        hits = (guess[start - 1:-2] == tokens[start + 1:]).tolist()
        entry = counts.setdefault(sample["skill"], [0, 0])
        entry[0] += sum(hits)
        entry[1] += len(hits)
    total = [sum(entry[i] for entry in counts.values()) for i in (0, 1)]
    by_skill = ", ".join(f"{SKILLS[skill]} {100 * n / m:.0f} %" for skill, (n, m) in counts.items())
    return f"{100 * total[0] / total[1]:.1f} % of {total[1]} tokens ({by_skill})."


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--hadal", default=str(HERE.parent / ".build/release/hadal"))
    parser.add_argument("--model", type=Path, default=HERE / "guide.gguf")
    parser.add_argument("--each", type=int, default=150)
    arguments = parser.parse_args()
    tests = chosen(arguments.each)
    with Server(arguments.hadal, arguments.model) as server, concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(server.answer, tests))
    results = [(sample, answer, right(sample, answer)) for sample, answer in zip(tests, answers)]
    with open(arguments.folder / "wrong.jsonl", "w") as file:
        for sample, answer, ok in results:
            if not ok:
                asked = sample["messages"][-2]["content"] if "messages" in sample else sample["before"] + "…" + sample["after"]
                wanted = sample["messages"][-1] if "messages" in sample else sample["middle"]
                file.write(json.dumps([sample["skill"], sample["id"], asked, wanted, answer], ensure_ascii=False) + "\n")
    print(skills_table(results), flush=True)
    write_report(arguments, results)


def write_report(arguments, results):
    import torch

    saved = torch.load(arguments.folder / "checkpoint.pt", map_location="cpu", weights_only=True)
    parameters = sum(tensor.numel() for name, tensor in saved["model"].items() if not name.endswith("bias"))
    text = f"""# What guide can do, measured

Written by `Guide/evaluate.py` on the test split, which shares no phrasing, name or sum with the training data (the
phrasings' words occur there in others); greedy decoding through `hadal serve` with `guide.gguf` (Q8_0). {parameters / 1e6:.1f} million parameters, trained on
{saved["seen"] / 1e6:.1f} million tokens in {saved["spent"] / 60:.0f} minutes.

{skills_table(results)}

{missed(results)}

A question about Hadal is right if the answer says the same yes or no and the same commands, options and paths as the
reference, or the same words where there are none of these. Passages count only letter by letter, JSON and tool calls if
they parse and say the same.

## Quantization

Bits per byte on the test conversations, prompts included, by `hadal perplexity`. Matrices whose rows the format's
blocks do not divide are in Q8_0, vectors and routers in F32.

{bits_table(arguments.hadal, arguments.folder, 8)}

## Multi-token prediction

On its own answers the extra layer guesses the token after next right in {acceptance(arguments.folder, results)}
"""
    (HERE / "RESULTS.md").write_text(text)


if __name__ == "__main__":
    main()
