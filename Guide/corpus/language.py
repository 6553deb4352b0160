"""Choosing words: splits, seeds and the noise of people who type fast."""

import hashlib

SPLITS = ("train", "validation", "test")


def bucket(text, buckets=10):
    """The same number for the same text on every machine."""
    return hashlib.sha256(text.encode()).digest()[0] % buckets


def split_of(entity):
    """One entity in ten is kept for validation and one for the test; no other split sees it."""
    return {0: "validation", 1: "test"}.get(bucket(entity), "train")


def part(variants, split):
    """Every seventh way to say a thing belongs to the test, the one before it to validation.

    A list shorter than seven has nothing to give: it is shared, and its skill relies on other lists for its split.
    """
    if len(variants) < 7:
        return variants
    wanted = {"validation": [5], "test": [6]}.get(split, [0, 1, 2, 3, 4])
    return [variant for index, variant in enumerate(variants) if index % 7 in wanted]


def pick(rng, variants, split):
    return rng.choice(part(variants, split))


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


def spoken(rng, text, lang, split, typos=True):
    """The question as people write it: with a greeting or thanks, in lower case, without its mark, with a slip."""
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
