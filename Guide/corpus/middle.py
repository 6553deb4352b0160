"""A few lines of shell, Python or Swift with a hole: fill in the middle."""

import re

import names
from language import pick

# {f} a function, {a} {b} variables, {n} a number, {t} a type, {c} a constant's name, {m} a model.
SNIPPETS = {
    "python": [
        "def {f}({a}, {b}):\n    return {a} [+|-|*] {b}\n",
        "def {f}({a}):\n    for {b} in [{a}|sorted({a})]:\n        [print({b})|yield {b}|{f}({b})]\n",
        "{a} = {n}\n{b} = {a} [*|+|-] [2|{n}]\n[print({b})|print({a}, {b})|return {b}]\n",
        "if {a} [>|<|==] {n}:\n    {b} = {a}\nelse:\n    {b} = {n}\n",
        "import json\n\nwith open({a}) as {b}:\n    {f} = json.load({b})\n",
        "{a} = []\nfor {b} in range({n}):\n    {a}.append({b})\nreturn {a}\n",
        "class {t}:\n    def __init__(self, {a}):\n        self.{a} = {a}\n",
        "def {f}({a}):\n    if not {a}:\n        return None\n    return {a}[0]\n",
        "{a} = [sorted|list|set]({b})\nprint([len({a})|{a}])\n",
        "try:\n    [{f}({a})|return {f}({a})]\nexcept [ValueError|KeyError|OSError] as {b}:\n    print({b})\n",
        "{a} = {b}.split(\",\")\nfor {f} in {a}:\n    [print({f})|{b}.append({f})]\n",
        "while {a} [<|>] {n}:\n    {a} [+=|-=] 1\n[print({a})|return {a}]\n",
        "def {f}({a}, {b}={n}):\n    return {a} * {b}\n",
        "{a} = {{\"{b}\": {n}}}\nprint({a}[\"{b}\"])\n",
    ],
    "swift": [
        "func {f}(_ {a}: Int, _ {b}: Int) -> Int {{\n    return {a} [+|-|*] {b}\n}}\n",
        "let {a} = {n}\nlet {b} = {a} [*|+|-] 2\n[print({b})|return {b}]\n",
        "for {a} in {b} {{\n    [print({a})|{f}({a})]\n}}\n",
        "struct {t} {{\n    var {a}: Int\n    var {b}: String\n}}\n",
        "guard let {a} = {b} else {{ return nil }}\nreturn {a}\n",
        "if {a} [>|<|==] {n} {{\n    {b} = {a}\n}} else {{\n    {b} = {n}\n}}\n",
        "enum {t} {{\n    case {a}\n    case {b}\n}}\n",
        "func {f}({a}: [Int]) -> Int {{\n    [{a}.reduce(0, +)|{a}.count]\n}}\n",
        "let {a} = {b}.map {{ $0 [*|+] {n} }}\nprint({a}[.count|])\n",
        "init({a}: Int) {{\n    self.{a} = {a}\n}}\n",
        "switch {a} {{\ncase {n}: {f}()\ndefault: break\n}}\n",
        "var {a} = 0\nwhile {a} < {n} {{\n    {a} += 1\n}}\n",
        "func {f}(_ {a}: String) -> Bool {{\n    {a}.isEmpty\n}}\n",
        "let {a} = [{n}, {n}]\nprint({a}[0])\n",
    ],
    "shell": [
        "hadal serve {m}.gguf [--listen 127.0.0.1:{n}|--json-logs|--threads {n}]\n",
        "hadal chat {m}.gguf --system '{a}'[ --temperature 0|]\n",
        "for {a} in *.txt; do\n    echo \"${a}\"\ndone\n",
        "if [ -f {a} ]; then\n    cat {a}\nfi\n",
        "{a}={n}\necho \"${a}\"\n",
        "hadal inspect {m}.gguf [--tensors --json|--json|--tensors] > {a}.json\n",
        "mkdir -p {a}\ncd {a}\n[ls|pwd|touch {b}]\n",
        "hadal generate {m}.gguf --prompt '{a}' --max-tokens {n}\n",
        "grep -n {a} {b}.txt\n",
        "hadal perplexity {m}.gguf {a}.txt --context {n}\n",
        "{f}() {{\n    echo \"$1\"\n}}\n{f} {a}\n",
        "while read -r {a}; do\n    echo \"${a}\"\ndone < {b}\n",
        "hadal bench engine {m}.gguf --prefill {n} --json\n",
        "cp {a} {b}\nrm {a}\n",
    ],
}

# What may stand above.
ABOVE = {
    "python": ["{a} = {n}\n", "from {m} import {f}\n", "{b} = {f}({a})\n", "# {f} {a}\n", "print({a}, {b})\n", "{a}, {b} = {f}()\n"],
    "swift": ["let {a} = {n}\n", "import {m}\n", "let {b} = {f}({a})\n", "// {f} {a}\n", "print({a}, {b})\n", "var {b} = {a}\n"],
    "shell": ["{a}={n}\n", "cd {m}\n", "# {f} {a}\n", "echo {a} {b}\n", "ls {m}.gguf\n", "touch {a} {b}\n"],
}

_WORD = re.compile(r"\w+")


def _cut(rng, text, given):
    """A hole inside one line or over a whole line, at the bounds of words. What was invented and stands in the hole stands
    outside it as well: nobody could guess it otherwise."""
    bounds = [i for i in range(1, len(text)) if text[i - 1].isalnum() != text[i].isalnum() or text[i] == "\n"]
    while True:
        start = rng.choice(bounds[:-1])
        ends = [b for b in bounds if start < b <= start + 30 and text[start:b].strip()]
        if not ends:
            continue
        end = rng.choice(ends)
        around = set(_WORD.findall(text[:start])) | set(_WORD.findall(text[end:]))
        # A name that the hole cuts in two counts as unknown.
        whole = all(not (text[i - 1].isalnum() or text[i - 1] == "_") or not (text[i].isalnum() or text[i] == "_") for i in (start, end))
        if whole and all(word in around for word in _WORD.findall(text[start:end]) if word in given):
            return start, end


def sample(rng, split):
    kind = rng.choice(["python", "swift", "shell"])
    template = pick(rng, SNIPPETS[kind], split)
    while True:
        a, b, f, m = (names.identifier(rng, split) for _ in range(4))
        values = {"a": a, "b": b, "f": f, "m": m, "t": f.capitalize().replace("_", ""), "n": names.number(rng, split, 2, 9999)}
        text = template.format(**values)
        # Each name twice, in a line that goes before: what a file has above the hole.
        if rng.random() < 0.5:
            text = rng.choice(ABOVE[kind]).format(**values) + text
        if len(set(values.values())) == len(values):
            break
    start, end = _cut(rng, text, set(values.values()))
    return {"skill": "middle", "id": kind, "lang": "code", "before": text[:start], "after": text[end:], "middle": text[start:end]}
