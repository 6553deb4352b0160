"""Choosing words: splits, seeds and the noise of people who type fast."""

import hashlib
import itertools
import re
from functools import lru_cache

SPLITS = ("train", "validation", "test")


def bucket(text, buckets=10):
    """The same number for the same text on every machine."""
    return hashlib.sha256(text.encode()).digest()[0] % buckets


def split_of(entity):
    """One entity in ten is kept for validation and one for the test; no other split sees it."""
    return {0: "validation", 1: "test"}.get(bucket(entity), "train")


@lru_cache(maxsize=None)
def expanded(template):
    """Every text that a template stands for: "[What|Which] job" is two."""
    pieces = [piece[1:-1].split("|") if piece.startswith("[") else [piece] for piece in re.split(r"(\[[^\[\]]*\|[^\[\]]*\])", template)]
    return tuple("".join(choice) for choice in itertools.product(*pieces))


@lru_cache(maxsize=None)
def _parted(variants, split):
    if len(variants) < 7:
        return tuple(expanded(variant) for variant in variants)
    places = {"validation": (5,), "test": (6,)}
    kept = {text for index, variant in enumerate(variants) if index % 7 in (5, 6) for text in expanded(variant)}
    if split in places:
        return tuple(expanded(variant) for index, variant in enumerate(variants) if index % 7 in places[split])
    ways = (tuple(text for text in expanded(variant) if text not in kept)
            for index, variant in enumerate(variants) if index % 7 < 5)
    return tuple(way for way in ways if way)


def part(variants, split):
    """Every seventh way to say a thing belongs to the test, the one before it to validation; training has none of their texts.

    A list shorter than seven has nothing to give: it is shared, and its skill relies on other lists for its split. The
    result is a list of ways, each with its texts.
    """
    return _parted(tuple(variants), split)


def pick(rng, variants, split):
    return rng.choice(rng.choice(part(variants, split)))


def typo(rng, text):
    """One slip in a word of five letters or more: swapped, lost or doubled."""
    words = text.split(" ")
    long = [i for i, word in enumerate(words) if len(word) >= 5 and word.isascii() and word.isalpha()]
    if not long:
        return text
    index = rng.choice(long)
    word = words[index]
    at = rng.randrange(1, len(word) - 2)
    words[index] = rng.choice([
        word[:at] + word[at + 1] + word[at] + word[at + 2:],
        word[:at] + word[at + 1:],
        word[:at] + word[at] + word[at:],
    ])
    return " ".join(words)


OPENINGS = {
    "en": ["", "", "", "", "Hi, ", "Hello! ", "Please tell me: ", "Quick question: ", "Sorry, one more thing: ",
           "Um, ", "Hey, ", "One question: ", "I wonder: ", "A question: "],
    "zh": ["", "", "", "", "你好，", "请问", "您好，请问", "问一下，", "想请教一下：", "再问一句，", "麻烦问下，", "那个，",
           "不好意思，", "我想知道："],
}
ENDINGS = {
    "en": ["", "", "", "", " Thanks!", " Please.", " I am new here."],
    "zh": ["", "", "", "", "谢谢！", "麻烦了。", "多谢。"],
}


# Words that can be added and words that can be missing without changing what is asked.
ADDED = {"en": ["please", "now", "exactly", "just", "really", "actually", "then", "here", "again"], "zh": ["请", "现在", "到底", "具体", "一般", "究竟", "再"]}
LOST = {"en": {"the", "a", "do", "does", "is", "can", "to", "of", "I", "me", "my"}, "zh": set("的吗呢了啊能可要")}


def loosened(rng, text, lang):
    """One word more or one less, for training: what is asked must not hang on a single small word."""
    words = text.split(" ") if lang == "en" else list(text)
    small = [i for i, word in enumerate(words) if word in LOST[lang] and (lang == "en" or "`" not in text)]
    if small and rng.random() < 0.6:
        words.pop(rng.choice(small))
    elif lang == "en":
        words.insert(rng.randrange(1, len(words) + 1) if len(words) > 1 else 0, rng.choice(ADDED[lang]))
    else:
        words.insert(0, rng.choice(ADDED[lang]))
    return (" " if lang == "en" else "").join(words)


def spoken(rng, text, lang, split, typos=True):
    """The question as people write it: with a greeting or thanks, in lower case, without its mark, with a slip."""
    if split == "train" and rng.random() < 0.25:
        text = loosened(rng, text, lang) or text
    if rng.random() < 0.3:
        opening = pick(rng, OPENINGS[lang], split)
        text = opening + (text[0].lower() + text[1:] if opening.endswith(", ") and text[1:2].islower() else text)
    if rng.random() < 0.15:
        text += pick(rng, ENDINGS[lang], split)
    elif rng.random() < 0.25 and text[-1:] in "?？.。":
        text = text[:-1]
    if lang == "en" and rng.random() < 0.15:
        text = text.lower()
    if lang == "en" and typos and rng.random() < 0.08:
        text = typo(rng, text)
    return text
