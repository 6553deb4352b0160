"""Writes what others read: `python Guide/export.py .guide` makes .guide/safetensors, .guide/guide-FORMAT.gguf, Guide/guide.gguf.

The safetensors directory is checked: transformers' DeepseekV3ForCausalLM has to compute the same logits.
"""

import json
import shutil
import sys
from pathlib import Path

import torch

import gguf_file
from data import texts
from model import Guide, Packing, Shape

SHIPPED = "q8_0"


def load(folder):
    saved = torch.load(folder / "checkpoint.pt", map_location="cpu", weights_only=True)
    model = Guide(Shape(**saved["shape"]))
    model.load_state_dict(saved["model"])
    return model.eval(), saved


def hugging_face(model):
    """Names as in DeepSeek-V3's checkpoints; the layer for multi-token prediction follows the others."""
    s, found = model.shape, {}

    def put(name, tensor):
        found[name] = tensor.detach().contiguous().clone()

    def block(at, block):
        for name, parameter in block.named_parameters():
            if not name.startswith("mlp.gate_up") and name != "mlp.down":
                put(f"{at}.{name}", parameter)
        if hasattr(block.mlp, "shared_experts"):
            put(f"{at}.mlp.gate.e_score_correction_bias", block.mlp.bias)
            for expert in range(s.experts):
                put(f"{at}.mlp.experts.{expert}.gate_proj.weight", block.mlp.gate_up[expert, 0])
                put(f"{at}.mlp.experts.{expert}.up_proj.weight", block.mlp.gate_up[expert, 1])
                put(f"{at}.mlp.experts.{expert}.down_proj.weight", block.mlp.down[expert])

    put("model.embed_tokens.weight", model.embed_tokens.weight)
    put("model.norm.weight", model.norm.weight)
    for index, layer in enumerate(model.layers):
        block(f"model.layers.{index}", layer)
    last = f"model.layers.{s.layers}"
    block(last, model.predictor.block)
    for name in ("enorm", "hnorm", "eh_proj"):
        put(f"{last}.{name}.weight", getattr(model.predictor, name).weight)
    put(f"{last}.shared_head.norm.weight", model.predictor.norm.weight)
    return found


def config(s, tokens):
    return {
        "architectures": ["DeepseekV3ForCausalLM"], "model_type": "deepseek_v3", "vocab_size": s.vocabulary, "hidden_size": s.hidden,
        "num_hidden_layers": s.layers, "num_nextn_predict_layers": 1, "first_k_dense_replace": s.dense_layers, "moe_layer_freq": 1,
        "num_attention_heads": s.heads, "num_key_value_heads": s.heads, "q_lora_rank": None, "kv_lora_rank": s.rank,
        "qk_nope_head_dim": s.nope, "qk_rope_head_dim": s.rope, "v_head_dim": s.value, "intermediate_size": s.dense,
        "moe_intermediate_size": s.expert, "n_routed_experts": s.experts, "n_shared_experts": s.shared // s.expert,
        "num_experts_per_tok": s.chosen, "n_group": 1, "topk_group": 1, "norm_topk_prob": True, "routed_scaling_factor": 1.0,
        "scoring_func": "sigmoid", "topk_method": "noaux_tc", "hidden_act": "silu", "rms_norm_eps": s.epsilon,
        "max_position_embeddings": s.context, "rope_theta": s.theta, "rope_interleave": True, "attention_bias": False,
        "attention_dropout": 0.0, "tie_word_embeddings": True, "dtype": "float32", "bos_token_id": tokens[0], "eos_token_id": tokens[1],
        "pad_token_id": tokens[2],
    }


def write_safetensors(model, folder, out):
    from safetensors.torch import save_file
    from tokenizers import Tokenizer

    out.mkdir(exist_ok=True)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    names = json.loads((folder / "tokenizer_config.json").read_text())
    tokens = [tokenizer.token_to_id(names[key]) for key in ("bos_token", "eos_token", "pad_token")]
    save_file(hugging_face(model), out / "model.safetensors", {"format": "pt"})
    (out / "config.json").write_text(json.dumps(config(model.shape, tokens), indent=1) + "\n")
    (out / "generation_config.json").write_text(json.dumps(
        {"do_sample": False, "bos_token_id": tokens[0], "eos_token_id": tokens[1], "pad_token_id": tokens[2]}, indent=1) + "\n")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(folder / name, out / name)


@torch.no_grad()
def check(model, folder, out):
    """The largest difference between our logits and transformers'."""
    from transformers import DeepseekV3ForCausalLM

    other = DeepseekV3ForCausalLM.from_pretrained(out, dtype=torch.float32, attn_implementation="eager").eval()
    worst = 0.0
    for ids in (text.ids for text in texts(str(folder), "validation", "export", 1500)):
        own = model.logits(model(torch.tensor(ids), Packing([len(ids)], 1)))
        worst = max(worst, (own - other(torch.tensor([ids])).logits[0]).abs().max().item())
    assert worst < 1e-3, f"transformers computes other logits: {worst} apart"
    return worst


def main(folder):
    model, saved = load(folder)
    print(f"step {saved['step']}, {saved['seen'] / 1e6:.2f} M tokens, {saved['spent'] / 60:.0f} min")
    history = {"step": saved["step"], "seen": saved["seen"], "seconds": int(saved["spent"])}
    out = folder / "safetensors"
    write_safetensors(model, folder, out)
    print("transformers' logits are at most", check(model, folder, out), "apart")
    for wanted in ("f32", "bf16", "q8_0", "q4_k", "q4_0"):
        path = folder / f"guide-{wanted}.gguf"
        gguf_file.write(model, folder, path, wanted, history)
        print(path, path.stat().st_size)
    shutil.copy(folder / f"guide-{SHIPPED}.gguf", Path(__file__).parent / "guide.gguf")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
