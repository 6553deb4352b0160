"""Batches of token ids from the corpus, made as they are needed: a step's batch depends on its number alone."""

import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parent / "corpus"))

from build import SHARES, pieces, samples  # noqa: E402
from links import HEADS, Tokens, links  # noqa: E402

LONGEST = 2048


@lru_cache
def tokenizer(folder):
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))


@dataclass
class Text:
    """Ids, for each whether the model writes it, and what looks where (`links`)."""
    ids: list
    written: list
    skill: str
    links: list


def encode(folder, sample):
    ids, written, parts = [], [], []
    for text, own in pieces(sample):
        part = tokenizer(folder).encode(text, add_special_tokens=False)
        parts.append(Tokens(text, own, part.offsets, len(ids)))
        ids += part.ids
        written += [own] * len(part.ids)
    found = links(parts, sample["told"], sample["asked"]) if "told" in sample else []
    return Text(ids[:LONGEST], written[:LONGEST], sample["skill"], [link for link in found if max(link[1], link[3]) < LONGEST])


def texts(folder, split, seed, tokens, shares=SHARES):
    """Samples of about so many tokens in all, shortest first."""
    chosen, total = [], 0
    for sample in samples(split, seed, shares):
        chosen.append(encode(folder, sample))
        total += len(chosen[-1].ids)
        if total >= tokens:
            return sorted(chosen, key=lambda text: len(text.ids))


# Weight of a prompt's echoes beside the model's own words.
ECHO = 0.6


def echoes(ids, written):
    """Where the prompt goes on as it did before: the same token after the same token.

    Names in a passage come again in the question; learning to expect that is learning to copy, which answers alone, a
    few words long, teach slowly.
    """
    seen, found = set(), []
    for at, pair in enumerate(zip(ids, ids[1:])):
        if pair in seen and not written[at + 1]:
            found.append(at + 1)
        seen.add(pair)
    return found[-20:]


class Batch:
    """`targets[i]` is the id after token i, `later[i]` the one after that; -100 where there is nothing to learn: the model
    does not write it, nor is it an echo (training only). `weights` are of these targets. `links` has for each head, as a
    tensor [4, n], the tokens that look, their text's first token, and the first and last + 1 of those they should look at."""

    def __init__(self, chosen, echo=0.0):
        self.lengths = [len(text.ids) for text in chosen]
        self.skills = [text.skill for text in chosen]
        self.ids = torch.tensor([i for text in chosen for i in text.ids])
        targets, later, weights, looks, start = [], [], [], {}, 0
        for text in chosen:
            ids, written = text.ids, text.written
            wanted = [i if own else -100 for i, own in zip(ids, written)]
            # The few words of an extracted answer must not drown in the many of a sum that is worked out.
            weight = [sum(written) ** -0.5] * len(ids)
            later += wanted[2:] + [-100, -100]
            places = echoes(ids, written) if echo else []
            if echo and text.skill == "middle":
                # What stands around a gap is code to learn from, as it is for the models that this format comes from.
                places = [place for place in range(1, len(ids)) if not written[place]]
            for place in places:
                wanted[place], weight[place] = ids[place], echo * len(places) ** -0.5
            targets += wanted[1:] + [-100]
            weights += weight[1:] + [0.0]
            for kind, token, first, last in text.links:
                looks.setdefault(HEADS[kind], []).append((start + token, start, start + first, start + last))
            start += len(ids)
        self.targets, self.later, self.weights = torch.tensor(targets), torch.tensor(later), torch.tensor(weights)
        self.links = {head: torch.tensor(rows).T for head, rows in looks.items()}


def curriculum(progress):
    """Copying first: every skill with new names needs it, and it is learned fastest alone."""
    extra = max(0.0, 1 - progress / 0.2)
    return SHARES | {"repeat": SHARES["repeat"] + 20 * extra}


def training_batch(folder, step, tokens, progress, shares=()):
    # The curriculum changes in few stages, so that a step's batch is the same after a resume.
    return Batch(texts(folder, "train", f"step {step}", tokens, curriculum(round(progress * 50) / 50) | dict(shares)), ECHO)
