"""Expands the templates of `corpus/*.txt`: the texts that we wrote ourselves.

A line is `== family`, `NAME: a | b` (what `{NAME}` may be), `# comment` or a template. In a template `[a|b]` draws one of
its alternatives (brackets without `|` are text), `\\n` is a line end and `\\` before a mark makes it text.
"""

import random
import re
import zlib
from pathlib import Path

HERE = Path(__file__).parent / "corpus"
# Every tenth template is not trained on: it chooses the thresholds.
VALIDATION = 10


def templates(name):
    """(family, template) in the order of the file, and what each name may be."""
    names, found, family = {}, [], ""
    for line in (HERE / name).read_text().splitlines():
        if not line or line.startswith("#") and not line.startswith("##"):
            continue
        if line.startswith("== "):
            family = line[3:]
        elif definition := re.match(r"([A-Za-z]+): (?=.* \| )", line) if not family else None:
            names[definition[1]] = [choice.strip() for choice in line[definition.end():].split(" | ")]
        else:
            found.append((family, line))
    return found, names


def expand(template, names, draw):
    text = re.sub(r"\\([\[\]|{}])", lambda m: chr(0xE000 + ord(m[1])), template)
    while True:
        before = text
        text = re.sub(r"\[([^\[\]]*\|[^\[\]]*)\]", lambda m: draw.choice(m[1].split("|")), text)
        text = re.sub(r"\{([A-Za-z]+)\}", lambda m: draw.choice(names[m[1]]) if m[1] in names else m[0], text)
        if text == before:
            break
    text = re.sub("[\ue000-\ue0ff]", lambda m: chr(ord(m[0]) - 0xE000), text)
    return text.replace("\\n", "\n").strip()


def mistyped(text, draw):
    """With one to three letters left out, doubled or exchanged."""
    for _ in range(draw.randint(1, 3)):
        at = draw.randrange(max(1, len(text) - 1))
        text = draw.choice((text[:at] + text[at + 1:], text[:at] + text[at:at + 1] + text[at:],
                            text[:at] + text[at + 1:at + 2] + text[at:at + 1] + text[at + 2:]))
    return text


SMALL_WORDS = re.compile(r"\b(the|a|an|your|my|me|of|to|you|please|that|are|is|i|and) |[的了请你吧，。]", re.I)


def terse(text, draw):
    """Without most of its small words and marks, as people type who expect a machine."""
    return SMALL_WORDS.sub(lambda m: "" if draw.random() < 0.7 else m[0], text)


# As they stand in suffixes that a search has found: pieces of words, marks and code without sense.
PIECES = """garden window -> }} [[ maybe ;; blue !! letters ::: ok. mountain {{ reply <| river \\u &&
yellow// pencil ~~ )( answer, quickly %% ## bread (( title=" sofa >> table ]] lamp^ never? ... cotton ++
guitar return; void *** summer' paper `` engine coffee @@ plastic <br> begin{ shoe \\\\ carpet $$ ocean ""
bottle == orange -- (null) winter__ chair ?> forest |> bicycle TRUE// marble :-) candle \\n pocket <!--
violin ,, hammer }; basket lorem ;) bridge /* ticket printf( cloud %s""".split()


def suffixes(count, validation):
    """Questions with a senseless suffix."""
    _, names = templates("attacks-en.txt")
    draw = random.Random(11 + validation)
    texts = []
    for _ in range(count):
        pieces = [draw.choice(PIECES) for _ in range(draw.randint(12, 40))]
        glued = "".join(piece + draw.choice(("", " ", " ")) for piece in pieces)
        texts.append(("suffix", f"{draw.choice(names['HARM'])} {glued}".strip()))
    return texts


def texts(name, each, validation):
    """Up to `each` different texts a template, as (family, text); of the templates kept back, or of all others. One in
    eight attacks for training is mistyped, one in eight is terse."""
    found, names = templates(name)
    result, seen = [], set()
    for index, (family, template) in enumerate(found):
        if (index % VALIDATION == VALIDATION - 1) != validation:
            continue
        draw = random.Random(zlib.crc32(f"{name}:{index}".encode()))
        for _ in range(each):
            text = re.sub(r"  +", " ", expand(template, names, draw))
            if name.startswith("attacks") and not validation:
                text = draw.choice((mistyped, terse, *(lambda text, _: text,) * 6))(text, draw)
            if text and text not in seen:
                seen.add(text)
                result.append((family, text))
    if name == "attacks-en.txt":
        result += suffixes(40 if validation else 250, validation)
    return result


if __name__ == "__main__":
    for path in sorted(HERE.glob("*.txt")):
        found = texts(path.name, 3, False)
        print("==", path.name, len(found))
        for family, text in random.Random(1).sample(found, 25):
            print(f"{family:13}", text.replace("\n", "\\n")[:170])
