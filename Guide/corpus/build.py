"""Writes the corpus: `python3 Guide/corpus/build.py OUT --samples N [--seed S] [--split train]`.

A line a sample, as JSON: skill, id, lang, messages (and tools, thinking) or before, middle, after. `samples` gives the
same stream in Python. The same seed gives the same corpus.
"""

import argparse
import json
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import arithmetic  # noqa: E402
import middle  # noqa: E402
import passages  # noqa: E402
import records  # noqa: E402
import tools  # noqa: E402
from dialogue import Dialogue  # noqa: E402
from render import middle as fim, segments  # noqa: E402

# Shares of samples, not of tokens: those of tools and JSON are several times as long as a question about Hadal.
SHARES = {"hadal": 26, "talk": 5, "unknown": 4, "passage": 32, "long": 0.15, "arithmetic": 10, "json": 18, "tools": 8, "middle": 3,
          "repeat": 3}

THOUGHTS = {"en": "A short question. I answer it directly.", "zh": "这个问题很短，直接回答。"}


def _thinking(rng, sample):
    """Skills other than arithmetic need no thought; when thinking is on, a short one opens the answer."""
    if "thinking" not in sample and sample["skill"] not in ("tools", "middle") and rng.random() < 0.07:
        sample["thinking"] = True
        sample["messages"][-1]["reasoning_content"] = THOUGHTS[sample["lang"]]
    return sample


def samples(split, seed, shares=SHARES):
    """An endless stream."""
    rng = random.Random(f"{split} {seed}")
    dialogue = Dialogue()
    skills, weights = zip(*shares.items())
    while True:
        skill = rng.choices(skills, weights)[0]
        lang = rng.choice(["en", "zh"])
        if skill in ("hadal", "talk", "unknown"):
            sample = dialogue.sample(rng, lang, split, skill)
        elif skill in ("passage", "long"):
            sample = passages.sample(rng, lang, split, skill == "long")
        elif skill == "arithmetic":
            sample = arithmetic.sample(rng, lang, split)
        elif skill == "json":
            sample = records.sample(rng, lang, split)
        elif skill == "tools":
            sample = tools.sample(rng, lang, split, dialogue)
        elif skill == "middle":
            sample = middle.sample(rng, split)
        else:
            sample = passages.repeat(rng, lang, split)
        yield _thinking(rng, sample)


def pieces(sample):
    """[(text, whether the model writes it)]"""
    if "before" in sample:
        return fim(sample["before"], sample["after"], sample["middle"])
    return segments(sample["messages"], sample.get("tools"), sample.get("thinking", False))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--split", choices=["train", "validation", "test"], default="train")
    arguments = parser.parse_args()
    stream = samples(arguments.split, arguments.seed)
    with open(arguments.out, "w") as file:
        for _ in range(arguments.samples):
            file.write(json.dumps(next(stream), ensure_ascii=False) + "\n")
