"""Trains the classifier: `python Firewall/train.py --shared ../shared/data`. Writes the model that is built into Hadal.

Logistic regression over hashed n-grams (`features.py`), by L-BFGS over all windows at once: no random numbers, no sum
whose order depends on threads, so that the same texts give the same file to the bit."""

import argparse
import hashlib
import os
import struct
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np
from scipy import optimize, sparse

import data
import embed
import features
import fold

MODEL = data.REPOSITORY / "Sources/HadalFirewallModel/firewall.model"
L2, STEPS, RARITY = 1e-6, 100, 4.0
# Weights beyond this share of the largest ones are cut off, so that 8 bits are enough for the rest.
CLIP = 0.9999
# What the logit is divided by, so that rules weigh enough beside it.
TEMPERATURE = 1.75
# Added to the logit, and for a text of ideographs: about one in a hundred of the harmless validation texts, with the rules,
# reaches a score of 0.5; for Chinese, which has one source of harmless prompts, by a model that was not trained on that one.
BIAS_SHIFT, IDEOGRAPH_SHIFT = -1.4, 0.5


def matrix(rows):
    """A row for each window; all its buckets count the same, and more of them do not count more."""
    ends = np.cumsum([0] + [len(row) for row in rows])
    values = np.concatenate([np.full(len(row), 1 / np.sqrt(max(len(row), 1))) for row in rows])
    columns = np.concatenate(rows).astype(np.int32)
    return sparse.csr_matrix((values, columns, ends), shape=(len(rows), 1 << features.BITS))


def examples(sources):
    """Windows, labels and weights. The windows of a text share its weight."""
    rows, labels, weights = [], [], []
    for source in sources:
        for text in source.texts:
            windows = features.features(fold.fold(text))
            for window in windows:
                rows.append(window)
                labels.append(float(source.is_attack))
                weights.append(source.weight / len(source.texts) / len(windows))
    labels, weights = np.array(labels), np.array(weights)
    for label in (0.0, 1.0):
        weights[labels == label] /= 2 * weights[labels == label].sum()
    return matrix(rows), labels, weights


def rarity(x):
    """What a bucket's value is multiplied by while training: what stands in few windows may grow a weight sooner. Without
    it the commonest n-grams take the first steps, and all others hardly move."""
    seen = np.bincount(x.indices, minlength=x.shape[1])
    return np.clip(np.log(x.shape[0] / (seen + 1)) / RARITY, 0.2, 2)


def fit(x, labels, weights, l2=L2, steps=STEPS):
    """Minimises the weighted logistic loss by L-BFGS; the bias is not regularised."""
    scale = rarity(x)
    x = x.dot(sparse.diags(scale)).tocsr()
    transposed, signs, count = x.T.tocsr(), 2 * labels - 1, x.shape[1]

    def loss(point):
        margins = signs * (x.dot(point[:count]) + point[count])
        error = -weights * signs / (1 + np.exp(margins))
        gradient = np.append(transposed.dot(error) + l2 * point[:count], error.sum())
        return (weights * np.logaddexp(0, -margins)).sum() + l2 / 2 * (point[:count] ** 2).sum(), gradient

    found = optimize.minimize(loss, np.zeros(count + 1), jac=True, method="L-BFGS-B",
                              options={"maxiter": steps, "maxcor": 8, "ftol": 1e-9, "gtol": 1e-9})
    return found.x[:count] * scale, found.x[count]


def quantize(w):
    scale = np.sort(np.abs(w))[int(CLIP * (len(w) - 1))] / 127
    return np.clip(np.round(w / scale), -127, 127).astype(np.int8), float(scale)


def write(path, weights, scale, bias):
    header = struct.pack("<4sIIIddd", b"HFW1", features.BITS, features.WINDOW, features.STRIDE, scale / TEMPERATURE,
                         bias / TEMPERATURE + BIAS_SHIFT, IDEOGRAPH_SHIFT)
    path.write_bytes(header + weights.tobytes())


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--shared", type=Path, default=data.REPOSITORY.parent / "shared/data", help="the shared data")
    arguments.add_argument("--model", type=Path, default=MODEL, help="where to write the model")
    options = arguments.parse_args()

    sources = data.training(options.shared)
    copies = data.without_copies(sources, data.testing(options.shared))
    print("left out as copies of test texts:", copies)
    data.split_validation([source for source in sources if not source.name.startswith("own-")])
    sources += embed.embedded(sources)
    digest = hashlib.sha256("\0".join(text for source in sources for text in source.texts).encode())
    for source in sources:
        print(f"{source.name:22} {source.language} {'attack' if source.is_attack else 'harmless':8} {len(source.texts):5}")
    print("texts:", digest.hexdigest())
    x, labels, weights = examples(sources)
    print(f"windows: {x.shape[0]}, features: {x.nnz}")
    w, bias = fit(x, labels, weights)
    quantized, scale = quantize(w)
    write(options.model, quantized, scale, bias)
    print(f"{options.model}: {hashlib.sha256(options.model.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
