"""Choosing words: splits, seeds and the noise of people who type fast."""

import hashlib
import itertools
import json
import re
from functools import lru_cache
from pathlib import Path

SPLITS = ("train", "validation", "test")


def bucket(text, buckets=10):
    """The same number for the same text on every machine."""
    return hashlib.sha256(text.encode()).digest()[0] % buckets


def split_of(entity):
    """One entity in ten is kept for validation and one for the test; no other split sees it."""
    return {0: "validation", 1: "test"}.get(bucket(entity), "train")


@lru_cache(maxsize=20_000)
def expanded(template):
    """Every text that a template stands for: "[What|Which] job" is two."""
    pieces = [piece[1:-1].split("|") if piece.startswith("[") else [piece] for piece in re.split(r"(\[[^\[\]]*\|[^\[\]]*\])", template)]
    return tuple("".join(choice) for choice in itertools.product(*pieces))


@lru_cache(maxsize=None)
def _more():
    """Further ways to say things, for training alone; a list is named by its first two entries."""
    found = {}
    for file in sorted((Path(__file__).parent / "more").glob("*.json")):
        for key, ways in json.loads(file.read_text()).items():
            found.setdefault(key, []).extend(ways)
    return found


def _bare(text):
    """Without case, spaces and marks: phrasings that differ in these alone are the same."""
    return re.sub(r"[\W_]+", "", text.lower())


@lru_cache(maxsize=None)
def _parted(variants, split):
    places = {"validation": (5,), "test": (6,)}
    kept = {_bare(text) for index, variant in enumerate(variants) if index % 7 in (5, 6) for text in expanded(variant)}
    if split in places:
        return tuple(expanded(variant) for index, variant in enumerate(variants) if index % 7 in places[split])
    taught = [variant for index, variant in enumerate(variants) if index % 7 < 5] + _more().get(" | ".join(variants[:2]), [])
    ways = (tuple(text for text in expanded(variant) if _bare(text) not in kept) for variant in taught)
    return tuple(way for way in ways if way)


def part(variants, split):
    """Every seventh way to say a thing belongs to the test, the one before it to validation; training has none of their texts,
    but those in more/, which were written without sight of the test's.

    A list shorter than seven has nothing to give: it is shared, and its skill relies on other lists for its split. The
    result is a list of ways, each with its texts.
    """
    if len(variants) < 7:
        return tuple(expanded(variant) for variant in variants)
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


# What else people say around a question; for training alone.
CHATTER = {
    "en": (["Excuse me, ", "Good afternoon. ", "Help! ", "Okay, next: ", "I am stuck. ", "Just checking: ", "Could you help? ", "Dear guide, ", "So, ",
            "My boss asks: ", "For my notes: ", "I have been wondering: ", "Now then: ", "First things first: ", "Oh, and ", "Well, ",
            "I read the docs but still: ", "Please help me here: ", "Let me ask: ", "Tell me please: ", "Right. ", "Actually, ", "By the way, "],
           [" Any hint helps.", " I just started.", " I could not find it.", " Cheers!", " It is urgent.", " Thank you in advance.", " I forgot.",
            " My first day with it.", " Just briefly.", " I am a beginner.", " We need it tomorrow.", " Keep it short.", " I use Debian.", " ?", "??",
            " I am not sure.", " Much appreciated.", " Sorry to bother you.", " I am curious.", " Do you know?", " Tell me.", " I have no idea."]),
    "zh": (["打扰一下，", "下午好。", "急问：", "好的，下一个：", "我卡住了。", "确认一下：", "能帮个忙吗？", "老师，", "那么，", "领导问：", "记一下：",
            "我一直在想：", "首先，", "哦对了，", "看了文档还是不懂：", "帮我看看：", "让我问问：", "请告诉我：", "嗯，", "其实，", "顺便问下，", "大佬，", "新手问题："],
           ["给点提示就行。", "我刚开始用。", "我没找到。", "辛苦了！", "很急。", "先谢了。", "我忘了。", "今天第一次用。", "简单说说。", "我是新手。", "明天就要用。",
            "说短一点。", "我用的是 Debian。", "？", "？？", "我不确定。", "感激不尽。", "打扰了。", "有点好奇。", "你知道吗？", "说说看。", "完全不懂。"])}


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
    chatter = CHATTER[lang] if split == "train" and rng.random() < 0.6 else None
    if rng.random() < 0.3:
        opening = rng.choice(chatter[0]) if chatter else pick(rng, OPENINGS[lang], split)
        text = opening + (text[0].lower() + text[1:] if opening.endswith(", ") and text[1:2].islower() else text)
    if rng.random() < 0.15:
        text += rng.choice(chatter[1]) if chatter else pick(rng, ENDINGS[lang], split)
    elif rng.random() < 0.25 and text[-1:] in "?？.。":
        text = text[:-1]
    if lang == "en" and rng.random() < 0.15:
        text = text.lower()
    if lang == "en" and typos and rng.random() < 0.08:
        text = typo(rng, text)
    return text
