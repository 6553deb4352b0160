"""Disguises that must not help an attack: what the firewall undoes."""

import base64
import random

LOOKALIKES = {"a": "а", "c": "с", "e": "е", "i": "і", "o": "о", "p": "р", "s": "ѕ", "x": "х", "y": "у"}


def full_width(text):
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else "\u3000" if c == " " else c for c in text)


def zero_width(text):
    draw = random.Random(1)
    return "".join(c + ("\u200b" if draw.random() < 0.5 else "") for c in text)


def lookalikes(text):
    return "".join(LOOKALIKES.get(c, c) for c in text)


def mathematical(text):
    return "".join(chr(0x1D41A + ord(c) - 97) if "a" <= c <= "z" else c for c in text.lower())


def spaced(text):
    """In single characters, words no further from each other than letters."""
    return " ".join(text.replace(" ", ""))


def spaced_words(text):
    """In single characters, with more space between words."""
    return "   ".join(" ".join(word) for word in text.split(" "))


def in_base64(text):
    return base64.b64encode(text.encode()).decode()


def in_hexadecimal(text):
    return text.encode().hex()


def in_percents(text):
    return "".join(f"%{byte:02X}" for byte in text.encode())


def in_escapes(text):
    return "".join(f"\\u{ord(c):04x}" if ord(c) < 0x10000 else c for c in text)


def in_entities(text):
    return "".join(f"&#{ord(c)};" for c in text)


def twice(text):
    return in_base64(in_percents(text[:400]))


ALL = {
    "full width": full_width, "zero width": zero_width, "lookalikes": lookalikes, "mathematical letters": mathematical,
    "spaced out": spaced, "spaced out, words apart": spaced_words, "base64": in_base64,
    "hexadecimal": in_hexadecimal, "percent": in_percents, "unicode escapes": in_escapes,
    "HTML entities": in_entities, "percent in base64": twice,
}
