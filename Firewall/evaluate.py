"""Measures the firewall on sources that it was not trained on and writes RESULTS.md and roc.svg:

    (cd Benchmarks/firewall && swift build -c release)
    python Firewall/evaluate.py --shared ../shared/data [--extra FILE]

All texts go through the whole firewall as it runs in Hadal, in Swift: normalisation, decoding, rules and classifier."""

import argparse
import hashlib
import json
import math
import subprocess
from collections import defaultdict
from pathlib import Path

import data
import disguise
import roc
from train import MODEL

HERE = Path(__file__).parent
SCORER = data.REPOSITORY / "Benchmarks/firewall/.build/release/FirewallScorer"
SHARES = (0.001, 0.005, 0.01, 0.02, 0.05)
DECIDED, FLAGGED = 0.5, 0.3
"""The scores from which a prompt is an attack, and is recorded, by default."""


def verdicts(scorer, texts, trusted=True):
    lines = "\n".join(json.dumps({"text": text, "trusted": trusted}) for text in texts)
    run = subprocess.run([scorer, "score"], input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def learned(verdict):
    """The score without the rules, of the same window."""
    logit = sum(reason["weight"] for reason in verdict["reasons"] if reason["name"] == "classifier")
    return 1 / (1 + math.exp(-logit))


def percent(share):
    return f"{100 * share:.1f} %"


def table(head, rows):
    return "\n".join(["| " + " | ".join(head) + " |", "|" + " --- |" * len(head),
                      *("| " + " | ".join(map(str, row)) + " |" for row in rows)]) + "\n"


def share(scores, least=DECIDED):
    return sum(score >= least for score in scores) / len(scores)


def groups(sources):
    """What is counted together: (name, attacks, harmless)."""
    prompts = [source for source in sources if not source.is_document]
    plain = [source for source in prompts if source.name != "cyberseceval"]
    pick = lambda among, language, attack: [source for source in among
                                            if source.language == language and source.is_attack == attack]
    documents = [source for source in sources if source.is_document]
    yield "English prompts", pick(plain, "en", True), pick(plain, "en", False)
    yield "Chinese prompts", pick(plain, "zh", True), pick(plain, "zh", False)
    yield "English, CyberSecEval", [source for source in prompts if source.name == "cyberseceval" and source.language == "en"], pick(plain, "en", False)
    yield "documents", [s for s in documents if s.is_attack], [s for s in documents if not s.is_attack]


def scores(sources):
    return [score for source in sources for score in source.scores]


def overview(sources):
    head = ["", "attacks", "harmless", *(f"found at {percent(s)}" for s in SHARES),
            "classifier alone at 1 %", f"found from {DECIDED}", f"hit from {DECIDED}"]
    rows, curves = [], {}
    for name, attacks, harmless in groups(sources):
        if not attacks or not harmless:
            continue
        found, hit = scores(attacks), scores(harmless)
        alone = [[learned(v) for source in part for v in source.verdicts] for part in (attacks, harmless)]
        rows.append([name, len(found), len(hit), *(percent(roc.found_at(found, hit, s)[0]) for s in SHARES),
                     percent(roc.found_at(*alone, 0.01)[0]), percent(share(found)), percent(share(hit))])
        curves[name] = roc.curve(found, hit)
    return table(head, rows), curves


def by_source(sources):
    rows = [[source.name, source.language, "document" if source.is_document else "prompt",
             "attack" if source.is_attack else "harmless", len(source.texts), percent(share(source.scores)),
             percent(share(source.scores, FLAGGED))] for source in sources]
    return table(["source", "language", "as", "label", "texts", f"from {DECIDED}", f"from {FLAGGED} (flagged)"], rows)


def by_family(sources):
    counted = defaultdict(list)
    for source in sources:
        for family, score in zip(source.families, source.scores):
            counted[source.name, source.language, family].append(score)
    return table(["source", "language", "kind of attack", "texts", f"missed below {DECIDED}"],
                 [[*key, len(found), percent(1 - share(found))] for key, found in counted.items()])


def disguises(scorer, sources):
    """Attacks that are found as they are, disguised."""
    rows = []
    for language, least in (("en", 12), ("zh", 8)):
        texts = [text for source in sources if source.is_attack and source.language == language and not source.is_document
                 for text, score in zip(source.texts, source.scores) if score >= DECIDED and least <= len(text) <= 600]
        for name, change in disguise.ALL.items():
            found = verdicts(scorer, [change(text) for text in texts])
            rows.append([name, language, len(texts), percent(share([verdict["score"] for verdict in found]))])
    return table(["disguise", "language", "attacks that are found plain", "found disguised"], rows)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--shared", type=Path, default=data.REPOSITORY.parent / "shared/data", help="the shared data")
    arguments.add_argument("--extra", type=Path, help="further test sets: a JSON array of {source, label, text}")
    arguments.add_argument("--scorer", type=Path, default=SCORER, help="the program of Benchmarks/firewall")
    arguments.add_argument("--results", type=Path, default=HERE / "RESULTS.md", help="what to write")
    options = arguments.parse_args()

    sources = data.testing(options.shared, options.extra)
    validation = data.own(validation=True)
    for source in sources + validation:
        source.verdicts = verdicts(options.scorer, source.texts, trusted=not source.is_document)
        source.scores = [verdict["score"] for verdict in source.verdicts]
    summary, curves = overview(sources)
    (HERE / "roc.svg").write_text(roc.svg(curves))
    extra = f"`{hashlib.sha256(options.extra.read_bytes()).hexdigest()[:16]}…`" if options.extra else "not used"
    speed = subprocess.run([options.scorer, "speed"], capture_output=True, text=True, check=True).stdout
    options.results.write_text((HERE / "results.template.md").read_text().format(
        model=hashlib.sha256(MODEL.read_bytes()).hexdigest(), size=MODEL.stat().st_size, extra=extra, overview=summary,
        sources=by_source(sources), families=by_family(sources),
        own=by_family([source for source in validation if source.is_attack]),
        own_harmless=by_source([source for source in validation if not source.is_attack]),
        disguises=disguises(options.scorer, sources), speed=speed.strip()))
    print(summary)


if __name__ == "__main__":
    main()
