"""Trains guide: `python Guide/train.py .guide --million-tokens 60`. Goes on from the last checkpoint if there is one.

On a CPU one process a core with one thread each (--processes) is twice as fast as one process with many threads: the
matrices are so small that threads would mostly wait for each other.

The learning rate is a function of the part of the tokens that was seen: warm-up, constant, then linear to zero. A
finished run goes on with more --million-tokens: the rate rises again to where the new budget has it.
"""

import argparse
import math
import os
import time
from pathlib import Path

import torch
import torch.distributed as dist
import torch.nn.functional as F

import model as precision
from data import Batch, texts, training_batch
from links import HEADS
from model import Guide, Packing, Shape
from optimizer import Muon

WARM_UP, DECAY_FROM = 0.01, 0.15
# Far below what is usual with large batches: in steps of 8192 tokens most of a gradient is noise, and higher rates wipe out
# the circuit that copies before it has learned anything (in steps of 4096, of 0.02, 0.005 and 0.0015 the last copied best
# after 80 steps).
MUON_RATE, ADAM_RATE = 0.004, 0.002
BALANCE_RATE = 0.003
# The last layer's loss comes late: it learns fast from a trunk that is nearly done, and costs an eighth of a step.
MTP_FROM, MTP_WEIGHT = 0.9, 0.2
LINKS_WEIGHT = 0.08


def rate(progress):
    return min(1.0, progress / WARM_UP + 0.02, max(0.0, 1 - (progress - DECAY_FROM) / (1 - DECAY_FROM)))


def run_rate(progress):
    """Of a run with --rate, by the part of its own tokens: up in a fiftieth, for its optimizers may begin anew, then to zero."""
    return min(progress / 0.02 + 0.02, 1 - progress)


def optimizers(model):
    named = list(model.named_parameters())
    matrices = [p for n, p in named if p.ndim >= 2 and "embed" not in n and "mlp.gate.weight" not in n]
    others = [p for n, p in named if p.ndim < 2 or "embed" in n or "mlp.gate.weight" in n]
    return (Muon(matrices, lr=MUON_RATE),
            torch.optim.AdamW(others, lr=ADAM_RATE, betas=(0.9, 0.95), weight_decay=0.0, fused=True))


def losses(model, batch, device, with_mtp):
    """Of the next token, of where heads look (of each head), and, if wanted, of the token after next."""
    packing = Packing(batch.lengths, device=device)
    ids, targets, later = batch.ids.to(device), batch.targets.to(device), batch.later.to(device)
    attentions = [layer.self_attn for layer in model.layers]
    for index, attention in enumerate(attentions):
        attention.links = {head: rows.to(device) for (layer, head), rows in batch.links.items() if layer == index}
    hidden = model(ids, packing)
    astray = {(layer, head): distance for layer, attention in enumerate(attentions) for head, distance in attention.astray.items()}
    for attention in attentions:
        attention.links = {}
    wanted = targets >= 0
    loss = weighted(model.logits(hidden[wanted]), targets[wanted], batch.weights.to(device)[wanted])
    if not with_mtp:
        return loss, astray, None
    wanted = later >= 0
    guess = model.predict(hidden, ids, packing)[wanted]
    return loss, astray, F.cross_entropy(model.logits(guess), later[wanted])


def weighted(logits, targets, weights):
    return (F.cross_entropy(logits, targets, reduction="none") * weights).sum() / weights.sum()


@torch.no_grad()
def validate(model, folder, device, tokens):
    """Loss by skill, and how often every token of an answer is the likeliest one."""
    model.eval()
    batch = Batch(texts(folder, "validation", "validation", tokens))
    packing = Packing(batch.lengths, device=device)
    hidden = model(batch.ids.to(device), packing)
    wanted = batch.targets >= 0
    logits = model.logits(hidden[wanted.to(device)]).float().cpu()
    right = torch.ones(len(batch.targets), dtype=torch.bool)
    right[wanted] = logits.argmax(-1) == batch.targets[wanted]
    loss = torch.zeros(len(batch.targets))
    loss[wanted] = F.cross_entropy(logits, batch.targets[wanted], reduction="none")
    found, start = {}, 0
    for length, skill in zip(batch.lengths, batch.skills):
        part = slice(start, start + length)
        entry = found.setdefault(skill, [0, 0, 0.0, 0])
        entry[0] += 1
        entry[1] += bool(right[part].all())
        entry[2] += float(loss[part].sum())
        entry[3] += int(wanted[part].sum())
        start += length
    model.train()
    return "  ".join(f"{skill} {e[1] / e[0]:.0%}/{e[2] / e[3]:.3f}" for skill, e in sorted(found.items()))


def mean_of_processes(tensors):
    """Each process's gradients become the mean of all."""
    if dist.is_initialized():
        flat = torch.cat([t.flatten() for t in tensors])
        dist.all_reduce(flat)
        flat /= dist.get_world_size()
        for tensor, part in zip(tensors, flat.split([t.numel() for t in tensors])):
            tensor.copy_(part.view_as(tensor))


def sum_of_processes(number):
    if not dist.is_initialized():
        return number
    total = torch.tensor(number)
    dist.all_reduce(total)
    return int(total)


def shares(text):
    """`hadal=60,tools=4` as pairs."""
    return tuple((name, float(share)) for name, share in (pair.split("=") for pair in text.split(",") if pair))


def has_bfloat16_instructions():
    """On a CPU without them products in bfloat16 are slower than those in float32."""
    return hasattr(torch.cpu, "_is_avx512_bf16_supported") and torch.cpu._is_avx512_bf16_supported()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--million-tokens", type=float, default=60, help="the whole budget, earlier runs included")
    parser.add_argument("--rate", type=float, help="begin this run with so much of the full rate and let it fall to zero, anew whenever it is begun: for a short run that learns something new")
    parser.add_argument("--tokens", type=int, default=8192, help="tokens of a step")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="on a CPU")
    parser.add_argument("--shares", type=shares, default=(), help="other shares of samples, such as hadal=60,tools=4: for a run too short for all skills")
    parser.add_argument("--port", type=int, default=29577, help="by which processes meet")
    parser.add_argument("--save-every", type=float, default=1.5, help="million tokens between checkpoints")
    arguments = parser.parse_args()
    # A run's allocations are the same in every step: kept, they cost no page faults, a quarter of the time.
    os.environ |= {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "100000000000", "MALLOC_TOP_PAD_": "268435456"}
    if arguments.device == "cpu" and arguments.processes > 1:
        os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(arguments.port)}
        torch.multiprocessing.spawn(run, (arguments,), nprocs=arguments.processes)
    else:
        run(0, arguments)


def run(rank, arguments):
    world = arguments.processes if arguments.device == "cpu" else 1
    if world > 1:
        dist.init_process_group("gloo", rank=rank, world_size=world)
    torch.set_num_threads(1 if arguments.device == "cpu" else 4)
    torch.manual_seed(1)
    if arguments.device == "cpu" and has_bfloat16_instructions():
        precision.product_type = torch.bfloat16
    model = Guide(Shape()).to(arguments.device)
    both = optimizers(model)
    path = arguments.folder / "checkpoint.pt"
    step, spent, seen = 0, 0.0, 0
    if path.exists():
        saved = torch.load(path, map_location=arguments.device, weights_only=True)
        model.load_state_dict(saved["model"])
        for optimizer, state in zip(both, saved.get("optimizers", [])):
            optimizer.load_state_dict(state)
        step, spent, seen = saved["step"], saved["spent"], saved["seen"]
    if rank == 0:
        print(f"{sum(p.numel() for p in model.parameters())} parameters, step {step}", flush=True)

    def save():
        # Written aside first: a run that is stopped here loses nothing.
        torch.save({"model": model.state_dict(), "optimizers": [o.state_dict() for o in both], "shape": model.shape.dictionary(),
                    "step": step, "spent": spent, "seen": seen}, path.with_suffix(".new"))
        os.replace(path.with_suffix(".new"), path)

    begun = seen
    budget, save_every, smooth, last = arguments.million_tokens * 1e6, arguments.save_every * 1e6, None, time.monotonic()
    while seen < budget:
        progress = seen / budget
        part = arguments.rate * run_rate((seen - begun) / (budget - begun)) if arguments.rate is not None else rate(progress)
        for optimizer, base in zip(both, (MUON_RATE, ADAM_RATE)):
            for group in optimizer.param_groups:
                group["lr"] = base * part
        before = seen
        batch = training_batch(
            str(arguments.folder), step * world + rank, arguments.tokens // world, progress, arguments.shares)
        loss, astray, later = losses(model, batch, arguments.device, progress >= MTP_FROM)
        total = loss + LINKS_WEIGHT * sum(astray.values())
        if later is not None:
            total = total + MTP_WEIGHT * later
        if not math.isfinite(total.item()):
            raise SystemExit(f"step {step}: the loss is {total.item()}")
        total.backward()
        mean_of_processes([p.grad for p in model.parameters() if p.grad is not None])
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in both:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        routed = [block.mlp for block in [*model.layers, model.predictor.block] if hasattr(block.mlp, "balance")]
        mean_of_processes([mlp.load for mlp in routed])
        for mlp in routed:
            mlp.balance(BALANCE_RATE * part)
        step, seen = step + 1, seen + sum_of_processes(len(batch.ids))
        now = time.monotonic()
        took, last = now - last, now
        spent += took
        smooth = loss.item() if smooth is None else 0.95 * smooth + 0.05 * loss.item()
        if rank == 0 and step % 20 == 0:
            mtp = "" if later is None else f" mtp {later.item():.3f}"
            looks = " ".join(f"{kind} {astray[head].item():.2f}" for kind, head in HEADS.items() if head in astray)
            print(f"step {step} loss {smooth:.3f}{mtp} astray {looks} {len(batch.ids) * world / took:.0f} tokens/s, "
                  f"{seen / 1e6:.2f} of {arguments.million_tokens:g} M tokens", flush=True)
        # What all processes know, so that all of them do it.
        if seen // save_every != before // save_every or seen >= budget:
            if rank == 0:
                save()
                print("validation", validate(model, str(arguments.folder), arguments.device, 10_000), flush=True)
            if world > 1:
                dist.barrier()
            last = time.monotonic()


if __name__ == "__main__":
    main()
