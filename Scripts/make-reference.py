#!/usr/bin/env python3
"""Makes tiny models with random weights and what transformers computes with them: fixtures for HadalModelsTests.

usage: make-reference.py OUT [NAME…]      for example Tests/HadalModelsTests/Fixtures llama-bf16
       make-reference.py --check FOLDER…  compares the logits in such a folder with what transformers computes now

Needs torch, transformers and safetensors from PyPI (the CPU is enough). A folder for each model:
  config.json, model.safetensors   the checkpoint, with random weights from a fixed seed
  tokens.json                      {"tokens": [[id…]…]}
  logits.safetensors               logits_i, float32 [tokens, vocabulary], computed in float32 from the stored weights
  predictions.safetensors          for a model with a layer for it, the same of the token after next: prediction_i
                                   [tokens - 1, vocabulary]; next_i [vocabulary] goes on from the last of these guesses
or, for encoders, embeddings.json  [{"ids": […], "vector": […]}…], pooled as 1_Pooling and modules.json say.

The folders in ../shared/data/reference-logits have the same form.
"""
import json, math, pathlib, sys

import torch
import transformers
from safetensors.torch import load_file, save_file

TOKENS = [1, 7, 70]  # lengths; the longest is cut by chunks of 64
VOCABULARY = 64

SMALL = dict(vocab_size=VOCABULARY, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
             max_position_embeddings=256, bos_token_id=0, eos_token_id=1, pad_token_id=None, tie_word_embeddings=False)
LATENT = dict(SMALL, num_key_value_heads=4, kv_lora_rank=16, qk_nope_head_dim=8, qk_rope_head_dim=4, v_head_dim=12,
              moe_intermediate_size=16, n_routed_experts=8, num_experts_per_tok=3, first_k_dense_replace=1)
YARN = dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=64, rope_theta=10000.0)
BERT = dict(vocab_size=VOCABULARY, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
            max_position_embeddings=80)

# name: (transformers' configuration class, its fields, how the weights are stored)
MODELS = {
    "llama-bf16": ("LlamaConfig", dict(SMALL, num_key_value_heads=2), torch.bfloat16),
    "llama-linear": ("LlamaConfig", dict(SMALL, rope_parameters=dict(rope_type="linear", factor=4.0, rope_theta=10000.0)), torch.float16),
    "llama-bands": ("LlamaConfig", dict(SMALL, num_key_value_heads=2, head_dim=16, tie_word_embeddings=True, rope_parameters=dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=32, rope_theta=5000.0)), torch.bfloat16),
    "llama-yarn": ("LlamaConfig", dict(SMALL, attention_bias=True, rope_parameters=dict(YARN, attention_factor=1.1, truncate=False)), torch.float16),
    "qwen2": ("Qwen2Config", dict(SMALL, num_key_value_heads=2), torch.float16),
    "qwen3-yarn": ("Qwen3Config", dict(SMALL, num_key_value_heads=2, head_dim=12, rope_parameters=YARN), torch.bfloat16),
    "deepseek-moe": ("LlamaConfig", dict(SMALL, num_key_value_heads=4), torch.float16),
    "deepseek-v2-lite": ("DeepseekV2Config", dict(LATENT, q_lora_rank=None, n_shared_experts=2, topk_method="greedy", n_group=1, topk_group=1, routed_scaling_factor=1.0, norm_topk_prob=False, rope_parameters=dict(YARN, mscale=0.707, mscale_all_dim=0.707)), torch.bfloat16),
    "deepseek-v2": ("DeepseekV2Config", dict(LATENT, q_lora_rank=12, n_shared_experts=1, topk_method="group_limited_greedy", n_group=4, topk_group=2, routed_scaling_factor=4.0, norm_topk_prob=False, rope_parameters=dict(YARN, mscale=1.0, mscale_all_dim=0.707)), torch.bfloat16),
    "deepseek-v3": ("DeepseekV3Config", dict(LATENT, q_lora_rank=12, n_shared_experts=1, n_group=4, topk_group=2, routed_scaling_factor=2.5, norm_topk_prob=True, rope_parameters=dict(YARN, mscale=1.0, mscale_all_dim=1.0)), torch.bfloat16),
    "deepseek-v3-fp8": ("DeepseekV3Config", dict(LATENT, hidden_size=144, intermediate_size=136, q_lora_rank=12, n_shared_experts=1, n_routed_experts=4, num_experts_per_tok=2, n_group=1, topk_group=1, routed_scaling_factor=2.5, norm_topk_prob=True, rope_parameters=dict(rope_type="default", rope_theta=10000.0)), torch.float8_e4m3fn),
    "bert": ("BertConfig", dict(BERT, type_vocab_size=2), torch.float16),
    "xlm-roberta": ("XLMRobertaConfig", dict(BERT, type_vocab_size=1, pad_token_id=1), torch.float16),
}


class Mixture(torch.nn.Module):
    """DeepSeekMoE's first form (arXiv:2401.06066), which transformers lacks: softmax over all experts, the best ones
    weighted by their share, or by their share among themselves, beside experts for every token."""

    def __init__(self, config, experts, per_token, shared, width, normalizes):
        super().__init__()
        mlp = transformers.models.llama.modeling_llama.LlamaMLP
        def sized(width):
            own = type(config)(**{**config.to_dict(), "intermediate_size": width}); return mlp(own)
        self.gate = torch.nn.Linear(config.hidden_size, experts, bias=False)
        self.experts = torch.nn.ModuleList(sized(width) for _ in range(experts))
        self.shared_experts = sized(width * shared)
        self.per_token, self.normalizes = per_token, normalizes

    def forward(self, x):
        weights, chosen = self.gate(x).softmax(-1).topk(self.per_token, dim=-1)
        if self.normalizes: weights = weights / (weights.sum(-1, keepdim=True) + 1e-20)
        out = self.shared_experts(x)
        for index, expert in enumerate(self.experts):
            out = out + expert(x) * (weights * (chosen == index)).sum(-1, keepdim=True)
        return out


class Predictor(torch.nn.Module):
    """DeepSeek-V3's layer for multi-token prediction (arXiv:2412.19437, section 2.2), which transformers leaves out."""

    def __init__(self, config):
        super().__init__()
        parts = transformers.models.deepseek_v3.modeling_deepseek_v3
        block = parts.DeepseekV3DecoderLayer(config, config.num_hidden_layers - 1)
        self.input_layernorm, self.self_attn = block.input_layernorm, block.self_attn
        self.post_attention_layernorm, self.mlp = block.post_attention_layernorm, block.mlp
        self.enorm, self.hnorm = (parts.DeepseekV3RMSNorm(config.hidden_size, config.rms_norm_eps) for _ in range(2))
        self.eh_proj = torch.nn.Linear(2 * config.hidden_size, config.hidden_size, bias=False)
        self.shared_head = torch.nn.Module(); self.shared_head.norm = parts.DeepseekV3RMSNorm(config.hidden_size, config.rms_norm_eps)

    def joined(self, model, hidden, ids):
        return self.eh_proj(torch.cat([self.enorm(model.model.embed_tokens(ids)), self.hnorm(hidden)], -1))

    def forward(self, model, x):
        """What the layer makes of its joined inputs, as the projection sees it."""
        count = len(x)
        positions = torch.arange(count)[None]
        mask = torch.full((count, count), float("-inf")).triu(1)[None, None]
        rotary = model.model.rotary_emb(x[None], positions)
        x = x[None]
        x = x + self.self_attn(self.input_layernorm(x), position_embeddings=rotary, attention_mask=mask)[0]
        x = x + self.mlp(self.post_attention_layernorm(x))
        return self.shared_head.norm(x[0])

    @torch.no_grad()
    def predictions(self, model, ids):
        """Logits of the token after next at each position but the last, and of the one after that, guessed from the last
        guess: its hidden state and the likeliest token take the place of the model's own."""
        hidden = model.model(ids[None]).last_hidden_state[0]
        x = self.joined(model, hidden[:-1], ids[1:])
        own = self(model, x); logits = model.lm_head(own)
        after = self.joined(model, own[-1:], logits[-1:].argmax(-1))
        return logits.contiguous(), model.lm_head(self(model, torch.cat([x, after]))[-1]).contiguous()


def randomize(model, seed):
    """Weights large enough that attention and routing differ between positions."""
    generator = torch.Generator().manual_seed(seed)
    values = lambda like: torch.randn(like.shape, generator=generator)
    for name, tensor in list(model.named_parameters()) + list(model.named_buffers()):
        if "inv_freq" in name or not tensor.is_floating_point(): continue
        if "norm" in name.lower() and name.endswith("weight"): new = 1 + 0.2 * values(tensor)
        elif tensor.dim() == 1: new = 0.1 * values(tensor)
        elif "embed" in name: new = values(tensor)
        else: new = values(tensor) * 1.5 / math.sqrt(tensor.shape[-1])
        tensor.data = new.to(tensor.dtype)


def to_fp8(weight):
    """E4M3 with one float32 factor for each block of 128×128."""
    rows, columns = weight.shape
    padded = torch.zeros(-(-rows // 128) * 128, -(-columns // 128) * 128); padded[:rows, :columns] = weight
    blocks = padded.view(padded.shape[0] // 128, 128, -1, 128)
    scale = blocks.abs().amax((1, 3)) / 448
    stored = (blocks / scale[:, None, :, None]).reshape(padded.shape)[:rows, :columns].to(torch.float8_e4m3fn)
    return stored.contiguous(), scale.contiguous()


def dequantize(weight, scale):
    expanded = scale.repeat_interleave(128, 0).repeat_interleave(128, 1)[: weight.shape[0], : weight.shape[1]]
    return weight.float() * expanded


def stored_state(folder):
    state = load_file(folder / "model.safetensors")
    return {name: dequantize(t, state[name + "_scale_inv"]) if t.dtype == torch.float8_e4m3fn else t.float()
            for name, t in state.items() if not name.endswith("_scale_inv")}


def build(name, configuration):
    kind, _, _ = MODELS[name]
    if kind in ("BertConfig", "XLMRobertaConfig"):
        return transformers.AutoModel.from_config(configuration, attn_implementation="eager").float().eval()
    model = transformers.AutoModelForCausalLM.from_config(configuration, attn_implementation="eager").float().eval()
    if name == "deepseek-moe":
        for layer in model.model.layers[1:]: layer.mlp = Mixture(configuration, 8, 3, 2, 16, normalizes=True)
    return model.eval()


def experts_apart(state):
    """transformers keeps experts stacked; checkpoints hold them one by one."""
    out = {}
    for name, t in state.items():
        if name.endswith("experts.gate_up_proj") or name.endswith("experts.down_proj"):
            base = name.rsplit(".", 1)[0]
            for e in range(t.shape[0]):
                if name.endswith("down_proj"): out[f"{base}.{e}.down_proj.weight"] = t[e]
                else:
                    out[f"{base}.{e}.gate_proj.weight"], out[f"{base}.{e}.up_proj.weight"] = t[e].chunk(2, 0)
        else: out[name] = t
    return out


def experts_together(state, model):
    out = dict(state)
    for name in model.state_dict():
        if not (name.endswith("experts.gate_up_proj") or name.endswith("experts.down_proj")): continue
        base, part = name.rsplit(".", 1)[0], "down" if name.endswith("down_proj") else "gate_up"
        count = 1 + max(int(k[len(base) + 1:].split(".")[0]) for k in state if k.startswith(base + ".") and k[len(base) + 1].isdigit())
        take = lambda e, p: out.pop(f"{base}.{e}.{p}_proj.weight")
        rows = [take(e, "down") if part == "down" else torch.cat([take(e, "gate"), take(e, "up")]) for e in range(count)]
        out[name] = torch.stack(rows)
    return out


def make(name, root):
    kind, fields, dtype = MODELS[name]
    seed = 1 + list(MODELS).index(name)
    folder = root / name; folder.mkdir(parents=True, exist_ok=True)
    configuration = getattr(transformers, kind)(**fields)
    torch.manual_seed(seed)
    model = build(name, configuration); randomize(model, seed)

    state = {k: v.detach().clone() for k, v in experts_apart(model.state_dict()).items() if "inv_freq" not in k}
    if fields.get("tie_word_embeddings"): state.pop("lm_head.weight", None)
    for k in [k for k in state if "position_ids" in k or "token_type_ids" in k or k.startswith("pooler.")]: state.pop(k)
    if dtype == torch.float8_e4m3fn:
        for k in list(state):
            if state[k].dim() == 2 and not any(p in k for p in ("embed", "lm_head", "mlp.gate.weight")):
                state[k], state[k + "_scale_inv"] = to_fp8(state[k])
            elif "e_score" not in k: state[k] = state[k].to(torch.bfloat16)
    else:
        # As published: the correction bias stays in float32.
        state = {k: v if "e_score" in k else v.to(dtype) for k, v in state.items()}
    if name == "deepseek-v3":
        predictor = Predictor(configuration); randomize(predictor, seed + 100)
        last = f"model.layers.{fields['num_hidden_layers']}."
        state.update({last + k: v.detach().clone() if "e_score" in k else v.to(dtype) for k, v in experts_apart(predictor.state_dict()).items()})
    save_file({k: v.contiguous() for k, v in state.items()}, folder / "model.safetensors", metadata={"format": "pt"})

    config = configuration.to_dict()
    drop = ("transformers_version", "_name_or_path", "id2label", "label2id", "problem_type", "chunk_size_feed_forward")
    config = {k: v for k, v in config.items() if k not in drop and (v is not None or k == "q_lora_rank")}
    config["dtype"] = {torch.bfloat16: "bfloat16", torch.float16: "float16"}.get(dtype, "bfloat16")
    if name == "deepseek-v3": config["num_nextn_predict_layers"] = 1
    if dtype == torch.float8_e4m3fn:
        config["quantization_config"] = dict(quant_method="fp8", fmt="e4m3", weight_block_size=[128, 128], activation_scheme="dynamic")
    if name == "deepseek-moe":
        config.update(model_type="deepseek", architectures=["DeepseekForCausalLM"], n_routed_experts=8, num_experts_per_tok=3, n_shared_experts=2,
                      moe_intermediate_size=16, first_k_dense_replace=1, moe_layer_freq=1, norm_topk_prob=True, scoring_func="softmax")
    (folder / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")

    restore(model, folder)
    generator = torch.Generator().manual_seed(seed)
    sequences = [torch.randint(2, VOCABULARY, (n,), generator=generator) for n in TOKENS]
    if kind in ("BertConfig", "XLMRobertaConfig"): return encode(name, model, sequences, folder)
    logits = {f"logits_{i}": compute(model, ids) for i, ids in enumerate(sequences)}
    save_file(logits, folder / "logits.safetensors")
    if name == "deepseek-v3":
        last = f"model.layers.{fields['num_hidden_layers']}."
        stored = {k[len(last):]: v for k, v in stored_state(folder).items() if k.startswith(last)}
        predictor.float().eval().load_state_dict(experts_together(stored, predictor))
        guesses = {}
        for i, ids in enumerate(sequences):
            if len(ids) > 1: guesses[f"prediction_{i}"], guesses[f"next_{i}"] = predictor.predictions(model, ids)
        save_file(guesses, folder / "predictions.safetensors")
    (folder / "tokens.json").write_text(json.dumps({"tokens": [ids.tolist() for ids in sequences], "positions": TOKENS}) + "\n")


def restore(model, folder):
    """The weights as they were stored, in float32. Buffers that are not stored (rotary frequencies) keep full precision."""
    state = experts_together(stored_state(folder), model)
    layers = getattr(model.config, "num_hidden_layers", 0)
    state = {k: v for k, v in state.items() if not any(k.startswith(f"model.layers.{layers + i}.") for i in range(2))}
    missing, unexpected = model.load_state_dict(state, strict=False)
    missing = [k for k in missing if not any(p in k for p in ("inv_freq", "position_ids", "token_type_ids", "pooler", "lm_head"))]
    assert not missing and not unexpected, (missing, unexpected)
    if model.config.to_dict().get("tie_word_embeddings"): model.tie_weights()


def compute(model, ids):
    with torch.no_grad(): return model(ids[None]).logits[0].float().contiguous()


def encode(name, model, sequences, folder):
    first = name == "xlm-roberta"
    entries = []
    for ids in sequences:
        with torch.no_grad(): states = model(ids[None]).last_hidden_state[0]
        vector = states[0] if first else states.mean(0)
        if not first: vector = vector / vector.norm()
        entries.append({"ids": ids.tolist(), "vector": vector.tolist()})
    (folder / "embeddings.json").write_text(json.dumps(entries) + "\n")
    modules = [("Transformer", ""), ("Pooling", "1_Pooling")] + ([] if first else [("Normalize", "2_Normalize")])
    (folder / "modules.json").write_text(json.dumps([dict(idx=i, name=str(i), path=p, type="sentence_transformers.models." + t) for i, (t, p) in enumerate(modules)], indent=1) + "\n")
    (folder / "1_Pooling").mkdir(exist_ok=True)
    (folder / "1_Pooling/config.json").write_text(json.dumps(dict(word_embedding_dimension=32, pooling_mode_cls_token=first, pooling_mode_mean_tokens=not first), indent=1) + "\n")


def check(folder):
    """Loads the checkpoint as anybody would, and says how far its logits are from those beside it."""
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    reference = load_file(folder / "logits.safetensors")
    for i, ids in enumerate(json.loads((folder / "tokens.json").read_text())["tokens"]):
        kept = reference[f"logits_{i}"]; own = compute(model, torch.tensor(ids))[-len(kept):]
        print(f"{folder.name}[{len(ids)}]: {float((own - kept).abs().max() / kept.abs().max()):.1e} of the largest logit")


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"): sys.exit(__doc__)
    if sys.argv[1] == "--check":
        for folder in sys.argv[2:]: check(pathlib.Path(folder))
    else:
        for name in sys.argv[2:] or MODELS:
            if name not in MODELS: sys.exit(f"error: no model {name}; there are {', '.join(MODELS)}")
            make(name, pathlib.Path(sys.argv[1])); print(name)
