"""Writes guide as GGUF (architecture deepseek2), quantized by Hadal's own C code."""

import ctypes
import json
import struct
import subprocess
import tempfile
from pathlib import Path

import numpy

KERNELS = Path(__file__).parent.parent / "Sources/HadalKernels"
# Name: number in GGUF, values in a block, bytes of a block.
FORMATS = {"f32": (0, 1, 4), "f16": (1, 1, 2), "q4_0": (2, 32, 18), "q8_0": (8, 32, 34), "q4_k": (12, 256, 144), "q6_k": (14, 256, 210),
           "bf16": (30, 1, 2)}
ALIGNMENT = 32


def library():
    """The quantizers, compiled as they stand in the repository."""
    path = Path(tempfile.mkdtemp()) / "formats.so"
    sources = sorted(str(file) for file in KERNELS.glob("formats*.c"))
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", f"-I{KERNELS / 'include'}", *sources, "-lm", "-o", str(path)], check=True)
    found = ctypes.CDLL(str(path))
    found.hadal_quantize.restype = ctypes.c_bool
    found.hadal_quantize.argtypes = [ctypes.c_uint32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t]
    return found


def format_of(name, shape, wanted):
    """Vectors and the router stay in F32; rows that no block of the wanted format divides take 8 bits."""
    if len(shape) == 1 or "ffn_gate_inp" in name:
        return "f32"
    return wanted if shape[-1] % FORMATS[wanted][1] == 0 else "q8_0"


def _string(text):
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _value(value):
    """Type number and bytes."""
    if isinstance(value, bool):
        return 7, struct.pack("<?", value)
    if isinstance(value, int):
        return 4, struct.pack("<I", value)
    if isinstance(value, float):
        return 6, struct.pack("<f", value)
    if isinstance(value, str):
        return 8, _string(value)
    if isinstance(value[0], str):
        return 9, struct.pack("<IQ", 8, len(value)) + b"".join(map(_string, value))
    return 9, struct.pack("<IQ", 5, len(value)) + struct.pack(f"<{len(value)}i", *value)


def tokenizer_metadata(folder):
    from tokenizers import Tokenizer

    written = json.loads((folder / "tokenizer.json").read_text())
    config = json.loads((folder / "tokenizer_config.json").read_text())
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    vocabulary = tokenizer.get_vocab()
    # 1 normal, 3 control, 4 added by users: found in text, shown in text.
    kinds = [1] * len(vocabulary)
    for added in written["added_tokens"]:
        kinds[added["id"]] = 3 if added["special"] else 4
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in written["model"]["merges"]]
    return {
        "tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "deepseek-llm",
        "tokenizer.ggml.tokens": sorted(vocabulary, key=vocabulary.get), "tokenizer.ggml.token_type": kinds,
        "tokenizer.ggml.merges": merges, "tokenizer.ggml.bos_token_id": vocabulary[config["bos_token"]],
        "tokenizer.ggml.eos_token_id": vocabulary[config["eos_token"]],
        "tokenizer.ggml.padding_token_id": vocabulary[config["pad_token"]], "tokenizer.ggml.add_bos_token": True,
        "tokenizer.chat_template": config["chat_template"],
    }


def metadata(shape):
    s = shape
    own = {
        # The layer for multi-token prediction counts among the blocks here.
        "block_count": s.layers + 1, "nextn_predict_layers": 1, "context_length": s.context, "embedding_length": s.hidden,
        "feed_forward_length": s.dense, "vocab_size": s.vocabulary, "leading_dense_block_count": s.dense_layers,
        "rope.freq_base": s.theta, "rope.dimension_count": s.rope, "attention.layer_norm_rms_epsilon": s.epsilon,
        "attention.head_count": s.heads, "attention.head_count_kv": 1, "attention.kv_lora_rank": s.rank,
        "attention.key_length": s.rank + s.rope, "attention.value_length": s.rank,
        "attention.key_length_mla": s.nope + s.rope, "attention.value_length_mla": s.value,
        "expert_count": s.experts, "expert_used_count": s.chosen, "expert_shared_count": s.shared // s.expert,
        "expert_feed_forward_length": s.expert, "expert_weights_scale": 1.0, "expert_weights_norm": True, "expert_gating_func": 2,
    }
    return {"general.architecture": "deepseek2", "general.name": "guide", "general.type": "model", "general.license": "apache-2.0",
            "general.description": "The small model built into Hadal", "general.sampling.temp": 0.0,
            **{f"deepseek2.{key}": value for key, value in own.items()}}


def tensors(model):
    """{GGUF name: float32 array}"""
    s, found = model.shape, {}

    def put(name, tensor):
        found[name] = numpy.ascontiguousarray(tensor.detach().float().cpu().numpy())

    def block(at, block):
        attention = block.self_attn
        put(f"{at}.attn_norm.weight", block.input_layernorm.weight)
        put(f"{at}.attn_q.weight", attention.q_proj.weight)
        put(f"{at}.attn_kv_a_mqa.weight", attention.kv_a_proj_with_mqa.weight)
        put(f"{at}.attn_kv_a_norm.weight", attention.kv_a_layernorm.weight)
        # By heads: W_UK transposed, for it is absorbed into the query, and W_UV.
        up = attention.kv_b_proj.weight.view(s.heads, s.nope + s.value, s.rank)
        put(f"{at}.attn_k_b.weight", up[:, :s.nope].mT)
        put(f"{at}.attn_v_b.weight", up[:, s.nope:])
        put(f"{at}.attn_output.weight", attention.o_proj.weight)
        put(f"{at}.ffn_norm.weight", block.post_attention_layernorm.weight)
        mlp, suffix = block.mlp, ""
        if hasattr(mlp, "shared_experts"):
            put(f"{at}.ffn_gate_inp.weight", mlp.gate.weight)
            put(f"{at}.exp_probs_b.bias", mlp.bias)
            put(f"{at}.ffn_gate_exps.weight", mlp.gate_up[:, 0])
            put(f"{at}.ffn_up_exps.weight", mlp.gate_up[:, 1])
            put(f"{at}.ffn_down_exps.weight", mlp.down)
            mlp, suffix = mlp.shared_experts, "_shexp"
        for part in ("gate", "up", "down"):
            put(f"{at}.ffn_{part}{suffix}.weight", getattr(mlp, part + "_proj").weight)

    put("token_embd.weight", model.embed_tokens.weight)
    put("output_norm.weight", model.norm.weight)
    for index, layer in enumerate(model.layers):
        block(f"blk.{index}", layer)
    last = f"blk.{s.layers}"
    block(last, model.predictor.block)
    put(f"{last}.nextn.eh_proj.weight", model.predictor.eh_proj.weight)
    put(f"{last}.nextn.enorm.weight", model.predictor.enorm.weight)
    put(f"{last}.nextn.hnorm.weight", model.predictor.hnorm.weight)
    put(f"{last}.nextn.shared_head_norm.weight", model.predictor.norm.weight)
    return found


def write(model, folder, path, wanted, history):
    """`folder` has the tokenizer; `history` tells how far it was trained."""
    quantize = library().hadal_quantize
    pairs = {**metadata(model.shape), **tokenizer_metadata(folder), **{f"guide.training.{key}": value for key, value in history.items()}}
    header, data = [], b""
    for name, values in tensors(model).items():
        kind = format_of(name, values.shape, wanted)
        number, block, size = FORMATS[kind]
        encoded = ctypes.create_string_buffer(values.size // block * size)
        if not quantize(number, values.ctypes.data, encoded, values.size):
            raise SystemExit(f"{name} cannot be written as {kind}")
        dimensions = values.shape[::-1]
        header.append(_string(name) + struct.pack("<I", len(dimensions)) + struct.pack(f"<{len(dimensions)}Q", *dimensions)
                      + struct.pack("<IQ", number, len(data)))
        data += encoded.raw + bytes(-len(encoded.raw) % ALIGNMENT)
    start = b"GGUF" + struct.pack("<IQQ", 3, len(header), len(pairs))
    for key, value in pairs.items():
        kind, encoded = _value(value)
        start += _string(key) + struct.pack("<I", kind) + encoded
    start += b"".join(header)
    path.write_bytes(start + bytes(-len(start) % ALIGNMENT) + data)
