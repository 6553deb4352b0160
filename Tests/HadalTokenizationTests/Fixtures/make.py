#!/usr/bin/env python3
"""Makes the small tokenizers of this folder and what the Hugging Face `tokenizers` library (PyPI, 0.23) does with them.

Every tokenizer is trained here on the text below, so that nothing third-party is copied. Run in a virtual environment
with `tokenizers`; the result is deterministic.
"""
import json, os, random
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

here = os.path.dirname(os.path.abspath(__file__))
TEXT = ["The model runs on your own machine, and the answers stay there.", "模型在你自己的机器上运行，答案也留在那里。深度求索的模型。",
        "def main(args):\n    return [x * 2 for x in range(10)]\n", "It's the user's machine; they're answering, aren't they?",
        "2024年12月26日，模型有671B个参数。", "Это модель на вашей машине.", "これはモデルです。", "café naïve résumé", "machine machines machining answer answers answered"] * 3
PUNCTUATION = "!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~"
V3 = ["\\p{N}{1,3}", "[一-龥぀-ゟ゠-ヿ]+", f"[{PUNCTUATION}][A-Za-z]+|[^\r\n\\p{{L}}\\p{{P}}\\p{{S}}]?[\\p{{L}}\\p{{M}}]+| ?[\\p{{P}}\\p{{S}}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+"]
QWEN2 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def token(i, content, special=True, **flags):
    return {"id": i, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": not special, "special": special} | flags


def save(name, tokenizer, added=(), edit=None):
    j = json.loads(tokenizer.to_str()); n = len(j["model"]["vocab"])
    j["added_tokens"] += [token(n + i, **a) for i, a in enumerate(added)]
    if edit: edit(j)
    path = f"{here}/{name}.json"
    json.dump(j, open(path, "w", encoding="utf-8"), ensure_ascii=False, separators=(",", ":"))
    return Tokenizer.from_file(path)


def byte_level(splits, normalizer=None, prefix=False):
    t = Tokenizer(models.BPE()); t.normalizer = normalizer; t.decoder = decoders.ByteLevel()
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(s), "isolated") for s in splits] + [pre_tokenizers.ByteLevel(add_prefix_space=prefix, use_regex=False)]) if splits else pre_tokenizers.ByteLevel(add_prefix_space=prefix)
    t.train_from_iterator(TEXT, trainers.BpeTrainer(vocab_size=400, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False))
    return t


def sentence_piece(normalizer, pre, decoder):
    t = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True)); t.pre_tokenizer = pre_tokenizers.Metaspace()
    t.train_from_iterator(TEXT, trainers.BpeTrainer(vocab_size=420, limit_alphabet=60, special_tokens=["<unk>", "<s>", "</s>"] + ["<0x%02X>" % b for b in range(256)], show_progress=False))
    t.normalizer, t.pre_tokenizer, t.decoder = normalizer, pre, decoder
    return t


def drop_byte_tokens(j): j["added_tokens"] = [a for a in j["added_tokens"] if not a["content"].startswith("<0x")]


spm_decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
word = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=20)); word.normalizer = normalizers.BertNormalizer(); word.pre_tokenizer = pre_tokenizers.BertPreTokenizer(); word.decoder = decoders.WordPiece()
word.train_from_iterator(TEXT, trainers.WordPieceTrainer(vocab_size=220, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]"], show_progress=False))
word.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
tokenizers = {
    "deepseek-v3": save("deepseek-v3", byte_level(V3), [dict(content="<｜begin▁of▁sentence｜>"), dict(content="<｜User｜>", special=False), dict(content="<think>", special=False), dict(content="模型!", special=False, normalized=False)]),
    "qwen2": save("qwen2", byte_level([QWEN2], normalizers.NFC()), [dict(content="<|im_start|>"), dict(content="<|im_end|>")]),
    "gpt-2": save("gpt-2", byte_level([], prefix=True), [dict(content="<|endoftext|>"), dict(content="wide", special=False, normalized=False, single_word=True, lstrip=True, rstrip=True)]),
    "llama-prepend": save("llama-prepend", sentence_piece(normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]), None, spm_decoder), edit=drop_byte_tokens),
    "llama-metaspace": save("llama-metaspace", sentence_piece(None, pre_tokenizers.Metaspace(prepend_scheme="first", split=False), spm_decoder), edit=drop_byte_tokens),
    "bert": save("bert", word),
}
random.seed(7)
ADDED = ["<｜begin▁of▁sentence｜>", "<｜User｜>", "<think>", "模型!", "<|im_start|>", "<|endoftext|>", "wide", "<s>", "</s>", "[SEP]"]
PARTS = ["the model", " machines", "'s", "'S", "'ſ", "they're", " ", "  ", "   ", "\n", "\r\n", "\n\n", "\t", "\u00a0", "\u3000", "\u2028", "模型", "机器上", "，。", "こモ", "ー", "한국어", "2024", "1234567", "½²", "٣٤", "é", "e\u0301", "Å", "\u212b", "\u0344", "각", "\u1100\u1161\u11a8", "👩‍👩‍👧", "🏳️‍🌈", "\u200d", "\x00", "\x07", "İ", "ß", "Ａ", "_x", ".foo", "(args):", "...\n", "!?", " \n ", "машине", "а\u0306", "-", "<", "<｜", "𠀀", "\ufffd"] + ADDED
texts = ["", " ", "  ", "\n", "a", " a"] + ["".join(random.choice(PARTS) for _ in range(random.randint(1, 7))) for _ in range(45)] + ["a" * 70, "模型" * 40, " " * 50 + "x", "machine" * 12, "<" * 20]
with open(f"{here}/cases.jsonl", "w", encoding="utf-8") as out:
    for name, t in tokenizers.items():
        for text in texts:
            ids = t.encode(text, add_special_tokens=False).ids
            json.dump({"tokenizer": name, "text": text, "ids": ids, "whole": t.encode(text).ids if name == "bert" and len(text) < 9 else None, "decoded": t.decode(ids, skip_special_tokens=False)}, out, ensure_ascii=True); out.write("\n")
