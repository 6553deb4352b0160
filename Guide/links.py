"""Whom a word of a text speaks of: what some heads are told to look at while they learn.

Left to itself so small a model learns what is asked, but not of whom: with two subjects that share a relation it guesses,
even after 36 million tokens, and hardly uses the attention of its upper layers. So in training the generator, which knows
who is who, tells five heads where to look (`HEADS`), and a loss asks them to.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "corpus"))

from render import ANSWER, USER, dump  # noqa: E402

# Kind of a link: (layer, head). First a word finds whom it speaks of; then, two layers above, the answer finds the word.
HEADS = {
    # From a value and an answer to the first and the second word of its subject. Two words know most names from others; a
    # glance at the whole name would fall here on one part and there on another.
    "first": (1, 1),
    "second": (1, 2),
    # From a value to itself, word for word; from a subject whose value stands before it, to the value's first word.
    "word": (1, 3),
    # From an answer to what knows its subject and its next word: the value, or the subject whose value stands before it; to the
    # first token of all if the text does not say it.
    "value": (3, 0),
    # From an answer that is a name, to the value asked about in the text: it knows its subject.
    "who": (3, 1),
}


class Tokens:
    """A piece of a conversation: where its characters are among the ids of the whole."""

    def __init__(self, text, written, offsets, start):
        self.text, self.written, self.offsets, self.start = text, written, offsets, start

    def span(self, first, last):
        """The tokens of characters first..<last, as a range of the whole's, or None."""
        found = [index for index, (a, b) in enumerate(self.offsets) if a < last and b > first]
        return (self.start + found[0], self.start + found[-1] + 1) if found else None

    def find(self, words, first):
        at = self.text.find(words, first)
        return None if at < 0 else self.span(at, at + len(words))


def _told(piece, told):
    """Where each fact is: {(subject, value): (subject's tokens, value's tokens)}"""
    found = {}
    for subject, value, sentence in told:
        at = piece.text.find(sentence)
        if at < 0:
            continue
        end = at + len(sentence)
        named = piece.text.find(subject, at, end)
        # A value may be a part of the name, as a place of a firm's.
        valued = piece.text.find(value, at, named) if piece.text.find(value, at, named) >= 0 else piece.text.find(value, named + len(subject), end)
        if named >= 0 and valued >= 0:
            found[subject, value] = piece.span(named, named + len(subject)), piece.span(valued, valued + len(value))
    return found


def _whose(token, subject):
    return [("first", token, subject[0], subject[0] + 1), ("second", token, min(subject[0] + 1, subject[1] - 1), min(subject[0] + 2, subject[1]))]


def links(pieces, told, asked):
    """[(kind, token that looks, first and last + 1 of those it should look at)]

    `told`: (subject, value, sentence) of each fact in the first question. `asked`: for each question its words and what is
    asked of whom: (question, subject, [(value or None, its name in an object or None)], None), or whose a value is:
    (question, value, [], subject).
    """
    questions, answers = [p for p in pieces if p.text.startswith(USER)], [p for p in pieces if p.written]
    facts, found = _told(questions[0], told), []
    for subject, value in facts.values():
        if subject[0] < value[0]:
            for token in range(*value):
                found += [*_whose(token, subject), ("word", token, token, token + 1)]
        else:
            found += [*_whose(subject[1] - 1, subject), ("word", subject[1] - 1, value[0], value[0] + 1)]
    for (question, subject, values, owner), piece, answer in zip(asked, questions, answers):
        at = piece.text.find(question)
        of = piece.find(subject, at) if at >= 0 else None
        start = answer.text.find(ANSWER) + len(ANSWER) if ANSWER in answer.text else 0
        if of and owner is not None:
            token = answer.span(start, start + 1)[0] - 1
            found += _whose(token, of)
            named, stands = facts.get((owner, subject), (None, None))
            if named and named[0] < stands[0]:
                found.append(("who", token, stands[0], stands[0] + 1))
        for value, name in values if of else []:
            begin, quote = start, None
            if name is not None:
                before = dump(name) + ": "
                begin = answer.text.find(before, begin) + len(before)
                if answer.text[begin] == '"':
                    quote = answer.span(begin, begin + 1)[0]
                    begin += 1
            said = answer.span(begin, begin + len(value or " "))
            found += [link for token in range(*said) for link in _whose(token - 1, of)]
            if value is None:
                found.append(("value", said[0] - 1, 0, 1))
                continue
            named, stands = facts.get((subject, value), (None, None))
            if named is None:
                continue
            if named[0] > stands[0]:
                found.append(("value", said[0] - 1, named[1] - 1, named[1]))
                continue
            # Word for word, where the text has the value in the same tokens as the answer.
            words = zip(range(*said), range(*stands)) if said[1] - said[0] == stands[1] - stands[0] else [(said[0], stands[0])]
            found += [("value", token - 1, there, there + 1) for token, there in words]
            if quote is not None:
                # Whether there is a value at all shows in the mark before it.
                found += [*_whose(quote - 1, of), ("value", quote - 1, stands[0], stands[0] + 1)]
    return found
