"""A few lines of shell, Python or Swift with a hole: fill in the middle."""

import names
from language import pick

# {f} a function, {a} {b} variables, {n} a number, {t} a type, {c} a constant's name, {m} a model.
SNIPPETS = {
    "python": [
        "def {f}({a}, {b}):\n    return {a} + {b}\n",
        "def {f}({a}):\n    for {b} in {a}:\n        print({b})\n",
        "{a} = {n}\n{b} = {a} * 2\nprint({b})\n",
        "if {a} > {n}:\n    {b} = {a}\nelse:\n    {b} = {n}\n",
        "import json\n\nwith open({a}) as {b}:\n    {f} = json.load({b})\n",
        "{a} = []\nfor {b} in range({n}):\n    {a}.append({b})\nreturn {a}\n",
        "class {t}:\n    def __init__(self, {a}):\n        self.{a} = {a}\n",
        "def {f}({a}):\n    if not {a}:\n        return None\n    return {a}[0]\n",
        "{a} = sorted({b})\nprint(len({a}))\n",
        "try:\n    {f}({a})\nexcept ValueError as {b}:\n    print({b})\n",
        "{a} = {b}.split(\",\")\nfor {f} in {a}:\n    print({f})\n",
        "while {a} < {n}:\n    {a} += 1\nprint({a})\n",
        "def {f}({a}, {b}={n}):\n    return {a} * {b}\n",
        "{a} = {{\"{b}\": {n}}}\nprint({a}[\"{b}\"])\n",
    ],
    "swift": [
        "func {f}(_ {a}: Int, _ {b}: Int) -> Int {{\n    return {a} + {b}\n}}\n",
        "let {a} = {n}\nlet {b} = {a} * 2\nprint({b})\n",
        "for {a} in {b} {{\n    print({a})\n}}\n",
        "struct {t} {{\n    var {a}: Int\n    var {b}: String\n}}\n",
        "guard let {a} = {b} else {{ return nil }}\nreturn {a}\n",
        "if {a} > {n} {{\n    {b} = {a}\n}} else {{\n    {b} = {n}\n}}\n",
        "enum {t} {{\n    case {a}\n    case {b}\n}}\n",
        "func {f}({a}: [Int]) -> Int {{\n    {a}.reduce(0, +)\n}}\n",
        "let {a} = {b}.map {{ $0 * {n} }}\nprint({a}.count)\n",
        "init({a}: Int) {{\n    self.{a} = {a}\n}}\n",
        "switch {a} {{\ncase {n}: {f}()\ndefault: break\n}}\n",
        "var {a} = 0\nwhile {a} < {n} {{\n    {a} += 1\n}}\n",
        "func {f}(_ {a}: String) -> Bool {{\n    {a}.isEmpty\n}}\n",
        "let {a} = [{n}, {n}]\nprint({a}[0])\n",
    ],
    "shell": [
        "hadal serve {m}.gguf --listen 127.0.0.1:{n}\n",
        "hadal chat {m}.gguf --system '{a}' --temperature 0\n",
        "for {a} in *.txt; do\n    echo \"${a}\"\ndone\n",
        "if [ -f {a} ]; then\n    cat {a}\nfi\n",
        "{a}={n}\necho \"${a}\"\n",
        "hadal inspect {m}.gguf --tensors --json > {a}.json\n",
        "mkdir -p {a}\ncd {a}\nls\n",
        "hadal generate {m}.gguf --prompt '{a}' --max-tokens {n}\n",
        "grep -n {a} {b}.txt | head -n {n}\n",
        "hadal perplexity {m}.gguf {a}.txt --context {n}\n",
        "{f}() {{\n    echo \"$1\"\n}}\n{f} {a}\n",
        "while read -r {a}; do\n    echo \"${a}\"\ndone < {b}\n",
        "hadal bench engine {m}.gguf --prefill {n} --json\n",
        "cp {a} {b}\nrm {a}\n",
    ],
}


def _cut(rng, text):
    """A hole inside one line or over a whole line, at the bounds of words."""
    bounds = [i for i in range(1, len(text)) if text[i - 1].isalnum() != text[i].isalnum() or text[i] == "\n"]
    start = rng.choice(bounds[:-1])
    ends = [b for b in bounds if start < b <= start + 30 and text[start:b].strip()]
    return (start, rng.choice(ends)) if ends else _cut(rng, text)


def sample(rng, split):
    kind = rng.choice(["python", "swift", "shell"])
    name = lambda: names.identifier(rng, split)
    text = pick(rng, SNIPPETS[kind], split).format(
        f=name(), a=name(), b=name(), t=name().capitalize().replace("_", ""), n=names.number(rng, split, 2, 9999), m=name())
    start, end = _cut(rng, text)
    return {"skill": "middle", "id": kind, "lang": "code", "before": text[:start], "after": text[end:], "middle": text[start:end]}
