"""Hashed features of a folded text, as `HashedFeatures.swift` computes them: which n-grams of characters and of words a
window has. Digits are one digit, a line end is a space, and a space stands before and after the text."""

import numpy as np

BITS = 18
CHARACTERS = (2, 3, 4, 5)
WORDS = (1, 2, 3)
WINDOW, STRIDE = 512, 256
"""Scalars a window holds, and from one window to the next."""

MASK = 0xFFFFFFFF
CHARACTER_PRIME, WORD_PRIME = np.uint32(0x01000193), np.uint32(0x85EBCA6B)


def seed(kind, length):
    return np.uint32((0x9E3779B9 * (16 * kind + length) + 0x811C9DC5) & MASK)


def finish(h):
    """Murmur's last step; the upper bits are the bucket."""
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return (h ^ (h >> np.uint32(16))) >> np.uint32(32 - BITS)


def mix(h, values, prime):
    h = (h ^ values) * prime
    return h ^ (h >> np.uint32(15))


def classes(scalars):
    """What characters count as: digits alike, line ends as spaces."""
    array = np.array([32, *scalars, 32], np.uint32)
    array[(array >= 48) & (array <= 57)] = 48
    array[array == 10] = 32
    return array


def word_characters(array):
    """True for letters and digits that words are made of: not ideographs, which are found by their characters."""
    latin = ((array >= 97) & (array <= 122)) | (array == 48)
    other = (array >= 0xC0) & (array < 0x2000)
    return latin | other


def words(array):
    """The hashes of the words, where they start and where they end."""
    inside = word_characters(array)
    edges = np.diff(np.concatenate([[False], inside, [False]]).astype(np.int8))
    starts, ends = np.nonzero(edges == 1)[0], np.nonzero(edges == -1)[0]
    h = np.full(len(starts), seed(2, 0), np.uint32)
    longest = int((ends - starts).max()) if len(starts) else 0
    for offset in range(longest):
        here = starts + offset < ends
        h[here] = mix(h[here], array[(starts + offset)[here]], CHARACTER_PRIME)
    return h, starts, ends


def grams(scalars):
    """All n-grams of a text: buckets, starts and ends, in scalars of the text with a space before it."""
    array = classes(scalars)
    places = np.arange(len(array))
    found = []
    with np.errstate(over="ignore"):
        for (values, starts, ends), kind, lengths, prime in (
                ((array, places, places + 1), 0, CHARACTERS, CHARACTER_PRIME), (words(array), 1, WORDS, WORD_PRIME)):
            h = np.full(len(values), seed(kind, 0), np.uint32)
            for n in range(1, min(max(lengths), len(values)) + 1):
                h = mix(h[:len(values) - n + 1], values[n - 1:], prime)
                if n in lengths:
                    found.append((finish(h ^ seed(kind, n)), starts[:len(h)], ends[n - 1:]))
    return tuple(np.concatenate(part) for part in zip(*found))


def windows(count):
    """Overlapping parts of a text; the last one ends where the text does."""
    if count <= WINDOW:
        return [(0, count)]
    return [(start, start + WINDOW) for start in (*range(0, count - WINDOW, STRIDE), count - WINDOW)]


def features(scalars):
    """For each window the buckets that stand in it, each once, sorted. The spaces around the text belong to the windows
    that reach its ends."""
    count = len(scalars)
    buckets, starts, ends = grams(scalars)
    result = []
    for start, end in windows(count):
        first, last = (start + 1 if start else 0), (end + 1 if end < count else count + 2)
        result.append(np.unique(buckets[(starts >= first) & (ends <= last)]))
    return result
