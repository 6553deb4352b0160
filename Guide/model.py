"""DeepSeek-V3 (arXiv:2412.19437) in small: multi-head latent attention, shared and routed experts, one layer for
multi-token prediction.

Tokens of all texts of a batch lie one after another, [tokens, …]; only attention sees them as rows, padded within groups
of texts of about the same length (`Packing`). So nothing is computed for padding but a little attention.
"""

from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import nn

from links import HEADS


@dataclass
class Shape:
    vocabulary: int = 8192
    hidden: int = 256
    layers: int = 6
    dense_layers: int = 1
    heads: int = 4
    nope: int = 32
    rope: int = 32
    value: int = 64
    rank: int = 128
    dense: int = 512
    experts: int = 8
    chosen: int = 2
    expert: int = 128
    shared: int = 128
    context: int = 2048
    theta: float = 10000.0
    epsilon: float = 1e-6

    def dictionary(self):
        return asdict(self)


class Packing:
    """Where each token stands: its position in its text, and its place in the padded rows of its group."""

    def __init__(self, lengths, groups=5, device="cpu"):
        """`lengths` ascending, the texts in that order."""
        self.positions = torch.cat([torch.arange(n) for n in lengths]).to(device)
        starts = [0]
        for n in lengths:
            starts.append(starts[-1] + n)
        self.tokens = starts[-1]
        self.groups, inverse, offset = [], [], 0
        bounds = self._bounds(lengths, groups)
        for first, last in zip(bounds, bounds[1:]):
            width = lengths[last - 1]
            begin = torch.tensor(starts[first:last])[:, None]
            length = torch.tensor(lengths[first:last])[:, None]
            column = torch.arange(width)[None]
            # Padding repeats the last token; later tokens are never looked at by earlier ones.
            self.groups.append(((begin + torch.minimum(column, length - 1)).flatten().to(device), last - first, width))
            inverse.append((torch.arange(last - first)[:, None] * width + column)[column < length] + offset)
            offset += (last - first) * width
        self.inverse = torch.cat(inverse).to(device)

    @staticmethod
    def _bounds(lengths, groups):
        """Cuts of about the same number of tokens."""
        total, bounds, seen = sum(lengths), [0], 0
        for index, n in enumerate(lengths):
            seen += n
            if seen >= total * len(bounds) / groups and index + 1 < len(lengths):
                bounds.append(index + 1)
        return bounds + [len(lengths)]


# The type of products while it trains: bfloat16 where the processor has instructions for it, twice as fast. Norms, attention,
# routing, sums and all that is kept stay in float32.
product_type = torch.float32


def product(x, weight):
    return F.linear(x.to(product_type), weight.to(product_type))


class Linear(nn.Linear):
    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs, bias=False)
        nn.init.normal_(self.weight, std=inputs ** -0.5 * 0.6)

    def forward(self, x):
        return product(x, self.weight)


class Norm(nn.Module):
    def __init__(self, width, epsilon):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.epsilon = epsilon

    def forward(self, x):
        return F.rms_norm(x, self.weight.shape, self.weight, self.epsilon)


def rotate(x, cos, sin):
    """Neighbours are a pair, as in DeepSeek. x: [tokens, heads, rope]"""
    even, odd = x[..., 0::2], x[..., 1::2]
    cos, sin = cos[:, None], sin[:, None]
    return torch.stack([even * cos - odd * sin, even * sin + odd * cos], -1).flatten(-2)


def astray(q, k, looking, start, first, last):
    """Mean of -log of the attention that a head's tokens give to those they should look at. q, k: [tokens, width]"""
    scores = q[looking] @ k.T * q.shape[-1] ** -0.5
    at = torch.arange(len(k), device=k.device)
    seen = (at >= start[:, None]) & (at <= looking[:, None])
    meant = (at >= first[:, None]) & (at < last[:, None])
    return (scores.masked_fill(~seen, -torch.inf).logsumexp(-1) - scores.masked_fill(~meant, -torch.inf).logsumexp(-1)).mean()


class Attention(nn.Module):
    def __init__(self, s):
        super().__init__()
        self.s = s
        self.q_proj = Linear(s.hidden, s.heads * (s.nope + s.rope))
        self.kv_a_proj_with_mqa = Linear(s.hidden, s.rank + s.rope)
        self.kv_a_layernorm = Norm(s.rank, s.epsilon)
        self.kv_b_proj = Linear(s.rank, s.heads * (s.nope + s.value))
        self.o_proj = Linear(s.heads * s.value, s.hidden)
        nn.init.zeros_(self.o_proj.weight)
        # For training: where heads should look (`Batch.links`), and how far they are from it.
        self.links, self.astray = {}, {}

    def forward(self, x, packing, cos, sin):
        s, n = self.s, len(x)
        x = x.to(product_type)
        q = self.q_proj(x).float().view(n, s.heads, s.nope + s.rope)
        q = torch.cat([q[..., :s.nope], rotate(q[..., s.nope:], cos, sin)], -1)
        latent, k_rope = self.kv_a_proj_with_mqa(x).float().split([s.rank, s.rope], -1)
        k, v = self.kv_b_proj(self.kv_a_layernorm(latent)).float().view(n, s.heads, -1).split([s.nope, s.value], -1)
        k = torch.cat([k, rotate(k_rope[:, None], cos, sin).expand(-1, s.heads, -1)], -1)
        self.astray = {head: astray(q[:, head], k[:, head], *rows) for head, rows in self.links.items()}
        rows = []
        for index, texts, width in packing.groups:
            part = [t.reshape(n, -1).index_select(0, index).view(texts, width, s.heads, -1).transpose(1, 2) for t in (q, k, v)]
            rows.append(F.scaled_dot_product_attention(*part, is_causal=True).transpose(1, 2).reshape(texts * width, -1))
        return self.o_proj(torch.cat(rows).index_select(0, packing.inverse))


class Dense(nn.Module):
    def __init__(self, hidden, width):
        super().__init__()
        self.gate_proj = Linear(hidden, width)
        self.up_proj = Linear(hidden, width)
        self.down_proj = Linear(width, hidden)
        nn.init.zeros_(self.down_proj.weight)

    def forward(self, x):
        x = x.to(product_type)
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Experts(nn.Module):
    """Sigmoid scores choose; a bias that only the choice sees keeps the load even, without a loss (section 2.1.2)."""

    def __init__(self, s):
        super().__init__()
        self.s = s
        # In float32 always, as DeepSeek has it: a choice must not hang on rounding.
        self.gate = nn.Linear(s.hidden, s.experts, bias=False)
        nn.init.normal_(self.gate.weight, std=s.hidden ** -0.5 * 0.6)
        self.register_buffer("bias", torch.zeros(s.experts))
        self.register_buffer("load", torch.zeros(s.experts), persistent=False)
        self.gate_up = nn.Parameter(torch.randn(s.experts, 2, s.expert, s.hidden) * s.hidden ** -0.5 * 0.6)
        self.down = nn.Parameter(torch.zeros(s.experts, s.hidden, s.expert))
        self.shared_experts = Dense(s.hidden, s.shared)

    def forward(self, x):
        s = self.s
        scores = self.gate(x).sigmoid()
        chosen = (scores + self.bias).topk(s.chosen, -1).indices
        weights = scores.gather(1, chosen)
        weights = weights / (weights.sum(-1, keepdim=True) + 1e-20)
        order = chosen.flatten().argsort()
        rows = order // s.chosen
        counts = chosen.flatten().bincount(minlength=s.experts)
        if self.training:
            self.load += counts
        parts = []
        # unbind, for the gradient of an index is a table of zeros as large as all experts.
        for part, gate_up, down in zip(x.to(product_type).index_select(0, rows).split(counts.tolist()), self.gate_up.flatten(1, 2).unbind(),
                                       self.down.unbind()):
            gate, up = product(part, gate_up).chunk(2, -1)
            parts.append(product(F.silu(gate) * up, down))
        routed = torch.cat(parts) * weights.flatten().index_select(0, order)[:, None]
        return self.shared_experts(x).float().index_add(0, rows, routed)

    @torch.no_grad()
    def balance(self, speed):
        self.bias += speed * (self.load.mean() - self.load).sign()
        self.bias -= self.bias.mean()
        self.load.zero_()


class Block(nn.Module):
    def __init__(self, s, dense):
        super().__init__()
        self.input_layernorm = Norm(s.hidden, s.epsilon)
        self.self_attn = Attention(s)
        self.post_attention_layernorm = Norm(s.hidden, s.epsilon)
        self.mlp = Dense(s.hidden, s.dense) if dense else Experts(s)

    def forward(self, x, packing, cos, sin):
        x = x + self.self_attn(self.input_layernorm(x), packing, cos, sin)
        return x + self.mlp(self.post_attention_layernorm(x))


class Predictor(nn.Module):
    """The token after next, from a token's hidden state and its successor (section 2.2)."""

    def __init__(self, s):
        super().__init__()
        self.enorm = Norm(s.hidden, s.epsilon)
        self.hnorm = Norm(s.hidden, s.epsilon)
        self.eh_proj = Linear(2 * s.hidden, s.hidden)
        self.block = Block(s, dense=False)
        self.norm = Norm(s.hidden, s.epsilon)

    def forward(self, hidden, following, packing, cos, sin):
        x = self.eh_proj(torch.cat([self.enorm(following), self.hnorm(hidden)], -1)).float()
        return self.norm(self.block(x, packing, cos, sin))


class Guide(nn.Module):
    """The output projection is the embedding table."""

    def __init__(self, shape):
        super().__init__()
        self.shape = s = shape
        self.embed_tokens = nn.Embedding(s.vocabulary, s.hidden)
        nn.init.normal_(self.embed_tokens.weight, std=0.05)
        self.layers = nn.ModuleList(Block(s, dense=i < s.dense_layers) for i in range(s.layers))
        self.norm = Norm(s.hidden, s.epsilon)
        self.predictor = Predictor(s)
        angles = torch.arange(s.context)[:, None] * s.theta ** (-torch.arange(0, s.rope, 2) / s.rope)
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)

        copying(self)
        binding(self)

    def rotation(self, packing):
        return self.cos[packing.positions], self.sin[packing.positions]

    def forward(self, ids, packing):
        """Hidden states after the last norm, [tokens, hidden]."""
        cos, sin = self.rotation(packing)
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x, packing, cos, sin)
        return self.norm(x)

    def predict(self, hidden, ids, packing):
        """Hidden states for the token after next; `ids` without the texts' first tokens is what follows."""
        following = self.embed_tokens(torch.cat([ids[1:], ids[-1:]]))
        return self.predictor(hidden, following, packing, *self.rotation(packing))

    def logits(self, hidden):
        return product(hidden, self.embed_tokens.weight).float()


@torch.no_grad()
def copying(model, strength=3.0, pairs=6):
    """Begins with a circuit that copies: an induction head, which gradients alone need millions of tokens to find.

    The first layer's head 0 looks one token back (head 1 two) and writes what it saw beside the token's own embedding.
    The second layer's head 0 seeks the place whose earlier token is the present one, and says what stood there: after
    `Ga` it says what followed the last `Ga`. Training goes on from here and may change all of it.
    """
    s, width = model.shape, model.shape.value
    first, second = model.layers[0].self_attn, model.layers[1].self_attn
    table = model.embed_tokens.weight
    # Orthogonal directions: what head 0 writes, what is copied, and the rest; the last dimension is the same for all.
    basis = torch.zeros(s.hidden, s.hidden - 1)
    basis[:-1] = torch.linalg.qr(torch.randn(s.hidden - 1, s.hidden - 1))[0]
    written, copied = basis[:, :width], basis[:, width:2 * width]
    table -= table @ written @ written.T
    table[:, -1] = 4 * table.std()

    # A constant gives queries and keys a fixed vector, turned by as many positions as the head looks back.
    angles = s.theta ** (-torch.arange(0, s.rope, 2) / s.rope)[:pairs]
    keys, queries = first.kv_a_proj_with_mqa.weight, first.q_proj.weight.view(s.heads, s.nope + s.rope, s.hidden)
    keys[:s.rank, -1] = 0
    keys[s.rank:s.rank + 2 * pairs] = 0
    keys[s.rank:s.rank + 2 * pairs:2, -1] = strength
    for head in (0, 1):
        queries[head] = 0
        queries[head, s.nope:s.nope + 2 * pairs, -1] = torch.stack(
            [(angles * (head + 1)).cos(), -(angles * (head + 1)).sin()], -1).flatten() * strength
    # Of the earlier token a random view, of about unit variance, written as strongly as an embedding.
    view = first.kv_b_proj.weight.view(s.heads, s.nope + s.value, s.rank)[0, s.nope:]
    view.normal_(std=s.rank ** -0.5)
    view_of_token = view @ keys[:s.rank]
    view_of_token -= view_of_token @ written @ written.T
    keys[:s.rank] -= keys[:s.rank] @ written @ written.T
    loudness = table.norm(dim=-1).mean() / width ** 0.5
    first.o_proj.weight[:, :width] = written * loudness

    # The second layer compares views of the present token with views of earlier ones, 32 numbers of each.
    mix = torch.randn(s.nope, width) * width ** -0.5
    unit = model.embed_tokens.weight.pow(2).mean().sqrt()
    seen = view_of_token / (table[:, :-1] @ keys[:s.rank, :-1].T).pow(2).mean().sqrt()
    query = second.q_proj.weight.view(s.heads, s.nope + s.rope, s.hidden)[0]
    query.zero_()
    query[:s.nope] = mix @ seen * unit * strength
    latent = second.kv_a_proj_with_mqa.weight
    latent[:s.nope] = mix @ written.T
    latent[s.nope:s.nope + width] = copied.T
    expand = second.kv_b_proj.weight.view(s.heads, s.nope + s.value, s.rank)[0]
    expand.zero_()
    expand[:s.nope, :s.nope] = torch.eye(s.nope)
    expand[s.nope:, s.nope:s.nope + width] = torch.eye(width)
    second.o_proj.weight[:, :width] = copied * 3 * loudness


@torch.no_grad()
def binding(model, ids=None, lengths=None, named=None, strength=0.8, share=0.5):
    """Begins with a circuit that tells whose a value is: links.py teaches where to look, this is what is then seen.

    In the second layer the heads "first", "second" and "word" write views of the words they look at into directions of the
    residual stream that are hardly used, the first two one upon the other; two layers above, "value" looks for the place where
    the same name is written, and says its word. So early, for further up hardly anything of a token itself is left. For a
    model in training views and directions are found with `ids`, texts of these lengths, and `named`, where names stand.
    """
    s = model.shape
    if ids is None:
        ids, lengths = torch.randint(s.vocabulary, (4096,)), [512] * 8
        named = torch.arange(len(ids))
    packing, seen = Packing(lengths), []
    x = model.embed_tokens(ids)
    for layer in model.layers:
        seen.append(x)
        x = layer(x, packing, *model.rotation(packing))
    (below, first), (_, second), (_, word), (above, finder) = (HEADS[kind] for kind in ("first", "second", "word", "value"))
    names, words = s.nope, 48
    spare = torch.linalg.eigh(torch.cov(seen[above].T)).eigenvectors[:, :names + words]
    loud = share * seen[above].std()

    attention, norm = model.layers[below].self_attn, model.layers[below].input_layernorm
    told = attention.kv_a_layernorm(attention.kv_a_proj_with_mqa(norm(seen[below]))[:, :s.rank].float())[named]
    value = attention.kv_b_proj.weight.view(s.heads, s.nope + s.value, s.rank)[:, s.nope:]
    output = attention.o_proj.weight.view(s.hidden, s.heads, s.value)
    for head, directions in ((first, spare[:, :names]), (second, spare[:, :names]), (word, spare[:, names:])):
        width = directions.shape[1]
        value[head], output[:, head] = 0, 0
        value[head, :width] = telling(told, ids[named], width)
        output[:, head, :width] = directions * loud

    attention, norm = model.layers[above].self_attn, model.layers[above].input_layernorm
    latent = attention.kv_a_proj_with_mqa.weight[:s.rank]
    # In place of those numbers of the latent vector that the other heads care least about.
    expand = attention.kv_b_proj.weight.view(s.heads, s.nope + s.value, s.rank)
    others = torch.cat([expand[:finder], expand[finder + 1:]]) * attention.kv_a_layernorm.weight
    places = others.pow(2).sum((0, 1)).argsort()[:names + words]
    usual = (norm(seen[above]) @ latent.T).std()
    read = spare.T / norm.weight / share
    latent[places] = read * usual
    expand[finder] = 0
    expand[finder, torch.arange(names), places[:names]] = 1 / attention.kv_a_layernorm.weight[places[:names]]
    expand[finder, s.nope + torch.arange(words), places[names:]] = 1 / attention.kv_a_layernorm.weight[places[names:]]
    query = attention.q_proj.weight.view(s.heads, s.nope + s.rope, s.hidden)[finder]
    query[:] = 0
    query[:names] = read[:names] * strength
    # Its output is the embedding of the word that was seen.
    view = told @ value[word, :words].T
    meant = model.embed_tokens.weight[ids[named]]
    meant = meant - meant.mean(0)
    output = attention.o_proj.weight.view(s.hidden, s.heads, s.value)[:, finder]
    output[:] = 0
    output[:, :words] = torch.linalg.lstsq(view, meant).solution.T / meant.std() * loud


def telling(x, ids, width, directions=64):
    """[width, n]: numbers by which the same token is known in different places, of unit variance. Random mixtures of the directions
    of x, [tokens, n], in which tokens differ most from each other and least from themselves (linear discriminants)."""
    present, index = ids.unique(return_inverse=True)
    counts = index.bincount()
    means = torch.zeros(len(present), x.shape[1]).index_add(0, index, x) / counts[:, None]
    within = torch.cov((x - means[index])[counts[index] > 1].T) + 1e-3 * x.var() * torch.eye(x.shape[1])
    values, vectors = torch.linalg.eigh(within)
    whiten = vectors * values.rsqrt()
    common = F.normalize(means.mean(0) @ whiten, dim=0)
    between = (means - means.mean(0)) @ whiten
    between -= torch.outer(between @ common, common)
    best = torch.linalg.eigh(torch.cov(between.T)).eigenvectors[:, -directions:]
    mixed = (whiten @ best @ torch.linalg.qr(torch.randn(directions, width))[0]).T
    return mixed / (x @ mixed.T).std()
