"""What is trained on and what is measured on: whole sources go to one side or the other.

Texts are data. Nothing in them is an instruction to whoever reads this."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import corpus

REPOSITORY = Path(__file__).parent.parent


@dataclass
class Source:
    name: str
    language: str
    is_attack: bool
    texts: list
    # How much all its texts together count in training.
    weight: float = 1.0
    # Documents and tool results rather than what users write.
    is_document: bool = False
    # By text; attacks of a kind are counted together.
    families: list = field(default_factory=list)


def lines(path):
    return [json.loads(line) for line in path.read_text().split("\n") if line.strip()]


def column(path, name, label=None, language=None):
    return [row[name] for row in lines(path)
            if label in (None, row.get("label")) and language in (None, row.get("language"))]


def paragraphs(path, least=60):
    return [text.strip() for text in re.split(r"\n\n+", path.read_text()) if len(text.strip()) > least]


def pieces(text, size, step):
    return [text[start:start + size] for start in range(0, len(text) - size, step)]


def classics(path):
    return pieces("".join("".join(chapter["paragraphs"]) for chapter in json.loads(path.read_text())), 300, 1200)


def questions(folder):
    """Guide's questions and answers: a line each, several ways to ask divided by bars."""
    return [part.strip() for path in sorted(folder.glob("*.txt")) for line in path.read_text().splitlines()
            if line.strip() and not line.startswith("#") for part in line.split(" | ")]


def own(validation):
    """Our own templates: attacks and harmless texts of both languages."""
    result = []
    for name, language, is_attack, weight in (("attacks-en", "en", True, 1.0), ("attacks-zh", "zh", True, 1.0),
                                              ("benign-en", "en", False, 1.0), ("benign-zh", "zh", False, 1.0)):
        found = corpus.texts(name + ".txt", 6 if validation else 16, validation)
        result.append(Source("own-" + name, language, is_attack, [text for _, text in found], weight,
                             families=[family for family, _ in found]))
    return result


def training(shared):
    security, rag, text = shared / "security", shared / "rag", shared / "text"
    conversations = json.loads((text / "dummy_conversations.json").read_text())
    sources = [
        Source("inthewild", "en", True, column(security / "injection/inthewild-jailbreaks.jsonl", "text"), 1.0),
        Source("wildguard", "en", False, column(security / "benign/wildguard-benign.jsonl", "text"), 1.0),
        Source("self-instruct", "en", False, column(security / "benign/self-instruct-seed.jsonl", "text"), 0.3),
        Source("belle", "zh", False, column(security / "benign/belle-zh.jsonl", "text"), 0.9),
        Source("presidio", "en", False, column(security / "pii/presidio-research-synth.jsonl", "text"), 0.4),
        Source("xquad-en", "en", False, column(rag / "xquad/en.passages.jsonl", "text"), 0.3),
        Source("xquad-questions", "en", False, column(rag / "xquad/en.questions.jsonl", "question"), 0.4),
        Source("cmrc", "zh", False, column(rag / "cmrc2018/zh.passages.jsonl", "text"), 0.4),
        Source("cmrc-questions", "zh", False, column(rag / "cmrc2018/zh.questions.jsonl", "question"), 0.4),
        Source("cranfield", "en", False, column(rag / "cranfield/docs.jsonl", "text")[:600], 0.3),
        Source("cranfield-questions", "en", False, column(rag / "cranfield/queries.jsonl", "question"), 0.2),
        Source("shakespeare", "en", False, pieces((text / "tinyshakespeare.txt").read_text(), 700, 2500), 0.4),
        Source("classics", "zh", False, classics(text / "zh/lunyu.json") + classics(text / "zh/mengzi.json"), 0.2),
        Source("conversations", "en", False, sorted({message["value"] for conversation in conversations
                                                     for message in conversation["conversations"]}), 0.2),
        Source("mt-bench", "en", False, [turn for row in lines(text / "mt_bench_questions.jsonl")
                                         for turn in row["turns"]], 0.4),
        Source("hadal-docs", "en", False, [part for path in sorted((REPOSITORY / "docs").glob("*.md"))
                                           for part in paragraphs(path)], 0.5),
        Source("hadal-questions", "en", False, questions(REPOSITORY / "Guide/corpus/facts"), 0.5),
    ]
    return sources + own(validation=False)


def bipia(security):
    """BIPIA's attacks, each in an e-mail of BIPIA's, in the middle, at the end or at the beginning."""
    contexts = [row["context"] for row in lines(security / "injection/bipia-email-contexts.jsonl")]
    texts, families = [], []
    for name in ("text", "code"):
        attacks = json.loads((security / f"injection/bipia-{name}-attacks.json").read_text())
        for family, wordings in attacks.items():
            for attack in wordings:
                context = contexts[len(texts) % len(contexts)]
                place = (len(context) // 2, len(context), 0)[len(texts) % 3]
                texts.append(f"{context[:place]}\n{attack}\n{context[place:]}")
                families.append(f"{name}: {family}")
    return texts, families


def testing(shared, extra=None):
    security = shared / "security"
    injection, benign = security / "injection", security / "benign"
    valid, guard = injection / "injecguard-valid.jsonl", injection / "llm-guard-prompt-injection.jsonl"
    cyber = [row for name in ("en", "multilingual") for row in lines(injection / f"cyberseceval-{name}.jsonl")]
    sources = [
        Source("gptfuzzer", "en", True, column(injection / "gptfuzzer-templates.jsonl", "text")),
        Source("dan-family", "en", True, column(injection / "dan-family.jsonl", "text")),
        Source("tap", "en", True, column(injection / "tap-jailbreaks.jsonl", "text")),
        Source("llm-guard", "en", True, column(guard, "text", "attack")),
        Source("injecguard", "en", True, column(valid, "text", "attack")),
        Source("adaptive-suffixes", "en", True, (injection / "adaptive-suffixes.txt").read_text().splitlines()),
        Source("notinject", "en", False, column(benign / "notinject.jsonl", "text")),
        Source("xstest", "en", False, column(benign / "xstest.jsonl", "text")),
        Source("injecguard", "en", False, column(valid, "text", "benign")),
        Source("llm-guard", "en", False, column(guard, "text", "benign")),
        Source("alignbench", "zh", False, column(benign / "alignbench-zh.jsonl", "text")),
    ]
    for language, rows in (("en", [row for row in cyber if row["language"] == "English"]),
                           ("zh", [row for row in cyber if row["language"] == "Chinese"]),
                           ("other", [row for row in cyber if row["language"] not in ("English", "Chinese")])):
        sources.append(Source("cyberseceval", language, True, [row["text"] for row in rows],
                              families=[row["variant"] for row in rows]))
    texts, families = bipia(security)
    whois = json.loads((injection / "whois-indirect-contexts.json").read_text())["payloads"]
    sources += [
        Source("bipia", "en", True, texts, is_document=True, families=families),
        Source("bipia-contexts", "en", False, column(injection / "bipia-email-contexts.jsonl", "context"), is_document=True),
        Source("whois", "en", False, whois, is_document=True),
        Source("xquad-zh", "zh", False, column(shared / "rag/xquad/zh.passages.jsonl", "text"), is_document=True),
    ]
    if extra:
        sources += extra_sources(json.loads(Path(extra).read_text()))
    return sources


def extra_sources(rows):
    """Public sets that are not in the shared data: `[{source, label, text}]`. Only measured on."""
    sources = {}
    for row in rows:
        key = (row["source"], row["label"] == "attack")
        language = "zh" if row["source"].endswith("-zh") else "en"
        sources.setdefault(key, Source("extra " + row["source"], language, key[1], [])).texts.append(row["text"])
    return [sources[key] for key in sorted(sources)]


def shingles(text, length=12):
    text = re.sub(r"\W+", "", text.lower())
    return {text[start:start + length] for start in range(max(1, len(text) - length + 1))}


def without_copies(sources, others, most=0.3):
    """Leaves out of `sources` the texts that have more than `most` of their shingles in common with one of `others`, and
    what stands in both; how many of each source."""
    known = {shingle for source in others for text in source.texts for shingle in shingles(text)}
    left_out = {}
    for source in sources:
        keep = []
        for index, text in enumerate(source.texts):
            own_shingles = shingles(text)
            if len(own_shingles & known) <= most * len(own_shingles):
                keep.append(index)
        if len(keep) < len(source.texts):
            left_out[source.name] = len(source.texts) - len(keep)
        source.texts = [source.texts[index] for index in keep]
        source.families = [source.families[index] for index in keep] if source.families else []
    return left_out


def split_validation(sources, every=10):
    """Takes every tenth text out of the sources; returns those."""
    kept = []
    for source in sources:
        kept.append(Source(source.name, source.language, source.is_attack, source.texts[::every], source.weight))
        source.texts = [text for index, text in enumerate(source.texts) if index % every]
    return kept
