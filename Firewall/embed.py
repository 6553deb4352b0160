"""Attacks within harmless texts, as they stand in documents: training texts made of others."""

import random

import data

COUNT, LONGEST = 900, 480


def embedded(sources):
    by_name = {source.name: source for source in sources}
    result = []
    for language, carriers in (("en", ("xquad-en", "presidio", "own-benign-en")), ("zh", ("cmrc", "belle", "own-benign-zh"))):
        draw = random.Random(7)
        attacks = by_name[f"own-attacks-{language}"].texts
        around = [text for name in carriers for text in by_name[name].texts]
        texts = []
        while len(texts) < COUNT:
            attack = draw.choice(attacks)
            if len(attack) > LONGEST // 2:
                continue
            room = (LONGEST - len(attack)) // 2
            before, after = draw.choice(around), draw.choice(around)
            texts.append(" ".join((before[:draw.randrange(room)], attack, after[:draw.randrange(room)])).strip())
        result.append(data.Source(f"embedded-{language}", language, True, texts, 0.5))
    return result
