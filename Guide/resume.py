"""Makes the trainer's checkpoint and tokenizer from the shipped guide.gguf, so that training goes on from there on any machine.

`python Guide/resume.py .guide` writes .guide/checkpoint.pt, tokenizer.json and tokenizer_config.json. The weights are those of
Q8_0, half a percent from what was trained; the optimizers begin anew.
"""

import json
import sys
from pathlib import Path

import torch
from gguf import GGUFReader
from gguf.quants import dequantize

from model import Guide, Shape
from tokenizer import write

SOURCE = Path(__file__).parent / "guide.gguf"


def weights(reader, shape):
    """The state of `Guide`, the inverse of gguf_file.tensors."""
    read = {tensor.name: torch.from_numpy(dequantize(tensor.data, tensor.tensor_type).reshape(tuple(tensor.shape[::-1].tolist())).copy())
            for tensor in reader.tensors}
    found = {"embed_tokens.weight": read["token_embd.weight"], "norm.weight": read["output_norm.weight"]}

    def block(at, into):
        for ours, theirs in (("input_layernorm", "attn_norm"), ("post_attention_layernorm", "ffn_norm"), ("self_attn.q_proj", "attn_q"),
                             ("self_attn.kv_a_proj_with_mqa", "attn_kv_a_mqa"), ("self_attn.kv_a_layernorm", "attn_kv_a_norm"),
                             ("self_attn.o_proj", "attn_output")):
            found[f"{into}.{ours}.weight"] = read[f"{at}.{theirs}.weight"]
        heads = torch.cat([read[f"{at}.attn_k_b.weight"].mT, read[f"{at}.attn_v_b.weight"]], 1)
        found[f"{into}.self_attn.kv_b_proj.weight"] = heads.reshape(-1, shape.rank)
        mlp, suffix = f"{into}.mlp", ""
        if f"{at}.ffn_gate_inp.weight" in read:
            found[f"{mlp}.gate.weight"] = read[f"{at}.ffn_gate_inp.weight"]
            found[f"{mlp}.bias"] = read[f"{at}.exp_probs_b.bias"]
            found[f"{mlp}.gate_up"] = torch.stack([read[f"{at}.ffn_gate_exps.weight"], read[f"{at}.ffn_up_exps.weight"]], 1)
            found[f"{mlp}.down"] = read[f"{at}.ffn_down_exps.weight"]
            mlp, suffix = f"{mlp}.shared_experts", "_shexp"
        for part in ("gate", "up", "down"):
            found[f"{mlp}.{part}_proj.weight"] = read[f"{at}.ffn_{part}{suffix}.weight"]

    for layer in range(shape.layers):
        block(f"blk.{layer}", f"layers.{layer}")
    last = f"blk.{shape.layers}"
    block(last, "predictor.block")
    for ours, theirs in (("eh_proj", "eh_proj"), ("enorm", "enorm"), ("hnorm", "hnorm"), ("norm", "shared_head_norm")):
        found[f"predictor.{ours}.weight"] = read[f"{last}.nextn.{theirs}.weight"]
    return found


def main(folder):
    reader, shape = GGUFReader(SOURCE), Shape()
    field = lambda name: reader.fields[name].contents()
    folder.mkdir(parents=True, exist_ok=True)
    tokens, merges = field("tokenizer.ggml.tokens"), field("tokenizer.ggml.merges")
    write(folder, {token: index for index, token in enumerate(tokens)}, [tuple(merge.split(" ")) for merge in merges])
    model = Guide(shape)
    model.load_state_dict(weights(reader, shape))
    history = {key: int(field(f"guide.training.{key}")) for key in ("step", "seen", "seconds")}
    torch.save({"model": model.state_dict(), "shape": shape.dictionary(), "step": history["step"], "seen": history["seen"],
                "spent": float(history["seconds"])}, folder / "checkpoint.pt")
    print(f"{SOURCE.name}: step {history['step']}, {history['seen'] / 1e6:.2f} M tokens")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
