"""Checks that `hadal logits` computes what PyTorch computes, on the safetensors and on the F32 GGUF file.

`python Guide/check_logits.py .guide [hadal]`
"""

import json
import subprocess
import sys
from pathlib import Path

import torch

from data import texts
from export import load
from model import Packing


@torch.no_grad()
def main(folder, hadal):
    model, _ = load(folder)
    for ids in (text.ids for text in texts(str(folder), "validation", "logits", 400)):
        own = model.logits(model(torch.tensor(ids), Packing([len(ids)], 1)))
        for name in ("safetensors", "guide-f32.gguf", "guide-bf16.gguf", "guide-q8_0.gguf", "guide-q4_k.gguf", "guide-q4_0.gguf"):
            out = subprocess.run([hadal, "logits", folder / name, "--tokens", ",".join(map(str, ids)), "--all", "--json"],
                                 capture_output=True, text=True)
            if out.returncode:
                raise SystemExit(f"{name}: {out.stderr}")
            theirs = torch.tensor(json.loads(out.stdout)["logits"])
            worst = (own - theirs).abs().max().item()
            alike = (own.argmax(-1) == theirs.argmax(-1)).float().mean().item()
            print(f"{name}: at most {worst:.2g} apart, the likeliest token is the same for {alike:.1%}")
            if name in ("safetensors", "guide-f32.gguf"):
                assert worst < 1e-3


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else str(Path(__file__).parent.parent / ".build/release/hadal"))
