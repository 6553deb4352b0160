"""How a text is read before it is classified: the same as `NormalisedText` and `FoldedText` do in Swift.

Python is slow at this and only trains; `golden.py` writes cases that Swift's tests compare."""

import re
from pathlib import Path

SOURCES = Path(__file__).parent.parent / "Sources"
SPACE, NEWLINE = 32, 10


def _ranges(text):
    return [(int(a, 16), int(b, 16)) for a, b in re.findall(r"0x([0-9A-F]+)\.\.\.0x([0-9A-F]+)", text)]


def _normalisation():
    """What NormalisedText makes of a character: another one, or None where it is left out."""
    source = (SOURCES / "HadalText/FoldedCharacters.swift").read_text()
    part = lambda name: re.search(r"static let %s:.*?\n(?:    /// |}$)" % name, source, re.S | re.M)[0]
    table = {}
    for first, last in _ranges(part("removed")) + _ranges(part("tags")):
        table.update(dict.fromkeys(range(first, last + 1)))
    for zero in re.findall(r"0x([0-9A-F]+)", part("zeros")):
        table.update({int(zero, 16) + digit: 48 + digit for digit in range(10)})
    table.update({scalar: scalar - 0xFF01 + 0x21 for scalar in range(0xFF01, 0xFF5F)})
    table.update(dict.fromkeys([0xA0, 0x1680, 0x202F, 0x205F, 0x3000, *range(0x2000, 0x200B)], SPACE))
    table.update(dict.fromkeys([0x85, 0x2028, 0x2029], NEWLINE))
    table.update(dict.fromkeys([0x2010, 0x2011, 0x2012, 0x2013, 0x2212, 0xFE63], ord("-")))
    for first, marks in [(0xFE54, ";:?!"), (0xFE50, ","), (0xFE52, "."), (0xFE59, "(){}"), (0xFE5F, "#&*+"),
                         (0xFE64, "<>="), (0xFE68, "\\$%@")]:
        table.update({first + index: ord(mark) for index, mark in enumerate(marks)})
    return table


def _confusables():
    source = (SOURCES / "HadalText/Confusables.swift").read_text()
    table = {}
    for letter, strings in re.findall(r'"([a-z])": ((?:"[^"]*"[\s+]*)+)', source):
        table.update(dict.fromkeys(map(ord, "".join(re.findall(r'"([^"]*)"', strings))), ord(letter)))
    table.update({scalar: 97 + (scalar - 0x1D400) % 26 for scalar in range(0x1D400, 0x1D6A4)})
    pairs = "".join(re.findall(r'"([^"]*)"', source[source.index("let traditional"):]))
    table.update({ord(pairs[place]): ord(pairs[place + 1]) for place in range(0, len(pairs), 2)})
    for start in (0x41, 0x249C, 0x24B6, 0x24D0, 0x1F110, 0x1F130, 0x1F150, 0x1F170, 0x1F1E6):
        table.update({start + index: 97 + index for index in range(26)})
    return table


NORMAL, LOOKS = _normalisation(), _confusables()


def is_letter(c):
    return 97 <= c <= 122


def is_ideograph(c):
    return 0x2E80 <= c <= 0x2FDF or 0x3040 <= c <= 0x9FFF or 0xAC00 <= c <= 0xD7A3 or 0xF900 <= c <= 0xFAFF \
        or 0x20000 <= c <= 0x3FFFF


SPACERS = frozenset(map(ord, " *.-_|/~+^#\u00b7"))
"""What may stand between the letters of a word that is spaced out."""
SPACED = 3
"""So many letters in a row make a word that is spaced out."""


def fold(text):
    """The scalars of `text` as the classifier and the rules see them."""
    scalars = []
    for c in map(ord, text):
        c = NORMAL.get(c, c)
        if c is None or 0x300 <= c <= 0x36F:
            continue
        if c < 32 or c == 127:
            c = NEWLINE if c == NEWLINE else SPACE
        scalars.append(LOOKS.get(c, c))
    return collapse(join(scalars))


def join(scalars):
    """Writes words together whose letters, or ideographs, are spaced out by one mark or one space each."""
    kind = lambda at: 0 <= at < len(scalars) and (1 if is_letter(scalars[at]) else 2 if is_ideograph(scalars[at]) else 0)
    result, at = [], 0
    while at < len(scalars):
        own = kind(at)
        if own and not kind(at - 1) and at + 1 < len(scalars) and scalars[at + 1] in SPACERS:
            mark, last = scalars[at + 1], at
            while last + 2 < len(scalars) and scalars[last + 1] == mark and kind(last + 2) == own:
                last += 2
            if kind(last + 1) == own:
                last -= 2
            if (last - at) // 2 + 1 >= SPACED:
                result += scalars[at:last + 1:2]
                at = last + 1
                continue
        result.append(scalars[at])
        at += 1
    return result


def collapse(scalars):
    """One space or line end for each run of them, none between ideographs on a line and none around the text."""
    result, gap = [], None
    for c in scalars:
        if c in (SPACE, NEWLINE):
            gap = NEWLINE if NEWLINE in (c, gap) else SPACE
            continue
        if gap and result and not (gap == SPACE and is_ideograph(result[-1]) and is_ideograph(c)):
            result.append(gap)
        gap = None
        result.append(c)
    return result
