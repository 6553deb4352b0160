"""Trains the tokenizer: byte-level BPE on the corpus, cut as DeepSeek-LLM's (`deepseek-llm`), so that digits stand alone.

`python Guide/tokenizer.py .guide` writes tokenizer.json and tokenizer_config.json there.
"""

import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "corpus"))

import names  # noqa: E402
from build import pieces, samples  # noqa: E402
from render import BOS, EOS, SPECIAL  # noqa: E402

HERE = Path(__file__).parent
VOCABULARY = 8192
SAMPLES = 30_000


def cased_letters():
    """The letters with case of the pre-tokenizer's second rule, from the list that Hadal itself uses."""
    source = (HERE.parent / "Sources/HadalTokenization/PreTokenizer.swift").read_text()
    listed = source.split("casedLetters: [(UInt32, UInt32)] = [")[1].split("\n    ]")[0]
    ranges = re.findall(r"\(0x(\w+), 0x(\w+)\)", listed)
    return "".join(chr(int(a, 16)) if a == b else f"{chr(int(a, 16))}-{chr(int(b, 16))}" for a, b in ranges)


def rules():
    return ["[\r\n]", r"\s?[" + cased_letters() + "]+", "\\s?[!-/:-~！-／：-～‘-‟\u3000-。]+", r"\s+$", "[一-龥ࠀ-一가-퟿]+", r"\p{N}"]


def kept_apart():
    """What merges must not join, so that a name has the same tokens wherever it stands and copying it is copying tokens.

    In English the space before a capital, which a name at the start of an answer does not have; in Chinese every sign
    of a name, which would grow together with its neighbours. Pre-tokenizers of this kind exist in no runtime, but merges
    that were never seen are not made, so training alone has to keep these apart.
    """
    return [" (?=[A-Z])", f"[{names.CHINESE}]"]


def own_text():
    """The repository's documents and sources, so that the vocabulary knows more words than the templates do."""
    files = [*HERE.parent.glob("*.md"), *(HERE.parent / "Sources").rglob("*.swift"), *HERE.rglob("*.py")]
    return [file.read_text() for file in sorted(files)]


def cutter(expressions):
    from tokenizers import Regex, pre_tokenizers

    return pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(expression), "isolated") for expression in expressions]
        + [pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def marks():
    from tokenizers import AddedToken

    return [AddedToken(text, special=True, normalized=False) for text in SPECIAL]


def train():
    """(vocabulary, merges)"""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = cutter(kept_apart() + rules())
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=marks(), initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False,
        min_frequency=4)

    def texts():
        # Special tokens would be cut into words, were they not left out here.
        special = re.compile("|".join(map(re.escape, SPECIAL)))
        stream = samples("train", 0)
        for _ in range(SAMPLES):
            for text, _ in pieces(next(stream)):
                yield from (part for part in special.split(text) if part)
        yield from own_text()

    tokenizer.train_from_iterator(texts(), trainer)
    model = json.loads(tokenizer.to_str())["model"]
    return model["vocab"], [tuple(merge) for merge in model["merges"]]


def assembled(vocabulary, merges):
    from tokenizers import Tokenizer, decoders, models, processors

    tokenizer = Tokenizer(models.BPE(vocabulary, merges))
    tokenizer.add_special_tokens(marks())
    tokenizer.pre_tokenizer = cutter(rules())
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A", pair=f"{BOS} $A {BOS} $B", special_tokens=[(BOS, tokenizer.token_to_id(BOS))])
    return tokenizer


def write(out, vocabulary, merges):
    tokenizer = assembled(vocabulary, merges)
    written = json.loads(tokenizer.to_str())
    # The trainer makes all of them special. But only the ends of a text are: the others have to be read by those who
    # split thoughts and tool calls from an answer, as with DeepSeek's own tokenizers.
    for added in written["added_tokens"]:
        added["special"] = added["content"] in SPECIAL[:3]
    (out / "tokenizer.json").write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n")
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast", "bos_token": BOS, "eos_token": EOS, "pad_token": SPECIAL[2],
        "add_bos_token": True, "add_eos_token": False, "clean_up_tokenization_spaces": False, "model_max_length": 2048,
        "chat_template": (HERE / "chat_template.jinja").read_text(),
    }
    (out / "tokenizer_config.json").write_text(json.dumps(config, ensure_ascii=False, indent=1) + "\n")
    print("vocabulary", tokenizer.get_vocab_size())


def main(out):
    out.mkdir(parents=True, exist_ok=True)
    write(out, *train())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
