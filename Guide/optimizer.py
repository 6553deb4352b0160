"""Muon for matrices: momentum whose singular values are made equal, which learns more from a token than Adam does."""

import torch
import torch.distributed as dist

import model


def orthogonal(matrices, steps=5):
    """About U Vᵀ of each matrix, by Newton and Schulz; the last two dimensions are a matrix."""
    x = matrices.to(model.product_type)
    tall = x.size(-2) > x.size(-1)
    if tall:
        x = x.mT
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        square = x @ x.mT
        # A quintic whose slope at 0 is steep and which keeps values near 1 there.
        # The sums ride on the products, for passes over the matrices alone would take as long.
        x = torch.baddbmm(x, torch.baddbmm(square, square, square, beta=-4.7750, alpha=2.0315), x, beta=3.4445)
    return (x.mT if tall else x).to(matrices.dtype)


def shared_out(matrices):
    """`orthogonal`, each process doing its part of the matrices."""
    if not dist.is_initialized() or dist.get_world_size() == 1:
        return orthogonal(matrices)
    world, rank = dist.get_world_size(), dist.get_rank()
    size = -(-len(matrices) // world)
    own = matrices[rank * size:(rank + 1) * size]
    done = torch.zeros(size, *matrices.shape[1:])
    done[:len(own)] = orthogonal(own)
    parts = [torch.empty_like(done) for _ in range(world)]
    dist.all_gather(parts, done)
    return torch.cat(parts)[:len(matrices)]


class Muon(torch.optim.Optimizer):
    def __init__(self, parameters, lr=0.02, momentum=0.95, decay=0.01):
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            alike = {}
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                state = self.state.setdefault(parameter, {})
                velocity = state.setdefault("velocity", torch.zeros_like(parameter))
                velocity.lerp_(parameter.grad, 1 - group["momentum"])
                update = parameter.grad.lerp(velocity, group["momentum"])
                shape = update.shape[-2:]
                alike.setdefault(shape, []).append((parameter, update.reshape(-1, *shape)))
            # Matrices of one shape go together: small products alone would leave the cores idle.
            for shape, members in alike.items():
                updates = shared_out(torch.cat([update for _, update in members]))
                scale = max(1, shape[0] / shape[1]) ** 0.5
                for (parameter, _), update in zip(members, updates.split([len(update) for _, update in members])):
                    parameter.mul_(1 - group["lr"] * group["decay"])
                    parameter.add_(update.view_as(parameter), alpha=-group["lr"] * scale)
