"""Questions about Hadal and their answers, from the files in facts/.

A question has an id, an answer for each language, and ways to ask that are split among training, validation and test.
"""

from pathlib import Path

from language import pick

FOLDER = Path(__file__).parent / "facts"


def _lines(name):
    text = (FOLDER / name).read_text()
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _table(name):
    return [[cell.strip() for cell in line.split(" | ")] for line in _lines(name)]


# How-to questions are an asking around a goal.
ASKING = {
    "en": ["How do I {}?", "How can I {}?", "I want to {}.", "What do I type to {}?", "How would I {} with Hadal?",
           "Can you tell me how to {}?", "How does one {}?",
           "Which command lets me {}?", "What is the way to {}?", "Tell me how to {}.", "I need to {}, how?",
           "{}: how does that work?", "How should I {}?", "Please explain how to {}."],
    "zh": ["怎样{}？", "如何{}？", "我想{}。", "怎么{}？", "用 Hadal 怎样{}？", "能告诉我如何{}吗？", "该如何{}？",
           "{}用什么命令？", "{}要怎么做？", "请说明怎样{}。", "我要{}，怎么办？", "想{}，该输入什么？", "{}，怎么操作？",
           "我该怎样{}？"],
}


class Question:
    """`ask` gives one way of asking from those that belong to a split."""

    def __init__(self, name, ways, answer, goals=False):
        self.name, self.ways, self.answer, self.goals = name, ways, answer, goals

    def ask(self, rng, lang, split):
        way = pick(rng, self.ways[lang], split)
        if not self.goals:
            return way
        text = pick(rng, ASKING[lang], split).format(way)
        return text[0].upper() + text[1:]


def _blocks(name, goals):
    lines = _lines(name)
    assert len(lines) % 4 == 0, name
    for at in range(0, len(lines), 4):
        ways = {"en": lines[at].split(" | "), "zh": lines[at + 2].split(" | ")}
        assert all(len(w) == 7 for w in ways.values()), lines[at]
        yield Question(f"{name}:{at // 4}", ways, {"en": lines[at + 1], "zh": lines[at + 3]}, goals)


# Ways to ask about a row of a table.
WAYS = {
    "command": {
        "en": ["What does `{}` do?", "What is {} for?", "What can I do with {}?", "Explain {}.", "Why would I use {}?",
               "When do I need {}?", "What do I use {} for?"],
        "zh": ["`{}` 做什么？", "{} 是干什么的？", "我能用 {} 做什么？", "解释一下 {}。", "为什么要用 {}？", "什么时候需要 {}？",
               "{} 有什么用？"]},
    "example": {
        "en": ["Give me an example of {}.", "Show me {} in use.", "What does a call of {} look like?", "An example for {}?",
               "How do I write {}?", "How is {} called?", "Show me an example of {}."],
        "zh": ["给我一个 {} 的例子。", "{} 怎么用？", "{} 的调用是什么样的？", "{} 的例子？", "{} 怎么写？", "{} 怎样调用？",
               "给我看一个 {} 的例子。"]},
    "json": {
        "en": ["Can {} write JSON?", "Does {} have --json?", "Is there JSON output for {}?", "Does {} print JSON?",
               "Can I get JSON from {}?", "Has {} a JSON output?", "Does {} write JSON?"],
        "zh": ["{} 能输出 JSON 吗？", "{} 有 --json 吗？", "{} 有 JSON 输出吗？", "{} 会打印 JSON 吗？", "能从 {} 得到 JSON 吗？",
               "{} 支持 JSON 吗？", "{} 可以输出 JSON 吗？"]},
    "option": {
        "en": ["What does {} do?", "What is {} for?", "What does the option {} mean?", "Explain {}.", "When do I use {}?",
               "What is the meaning of {}?", "What is the option {} for?"],
        "zh": ["{} 做什么？", "{} 是干什么的？", "选项 {} 是什么意思？", "解释一下 {}。", "什么时候用 {}？", "{} 的含义是什么？",
               "选项 {} 有什么用？"]},
    "wish": {
        "en": ["Which option do I use to {}?", "What option is there to {}?", "Which flag lets me {}?", "Is there an option to {}?",
               "What do I add to {}?", "Which option helps to {}?", "Which option lets me {}?"],
        "zh": ["用哪个选项{}？", "有什么选项可以{}？", "哪个参数能{}？", "有选项可以{}吗？", "加什么参数{}？", "{}要用哪个选项？",
               "哪个选项能{}？"]},
    "default": {
        "en": ["What is the default of {}?", "What if I leave out {}?", "What is {} by default?", "Which default has {}?",
               "What value has {} if I do not give it?", "Default value of {}?", "What is the default value of {}?"],
        "zh": ["{} 的默认值是什么？", "不写 {} 会怎样？", "{} 默认是多少？", "{} 有什么默认值？", "不给 {} 时它的值是什么？", "{} 的缺省值？",
               "{} 默认值是多少？"]},
    "model": {
        "en": ["Does Hadal run {}?", "Can I run {}?", "Is {} supported?", "Does {} work with Hadal?", "Can Hadal serve {}?",
               "Will {} run?", "Can Hadal run {}?"],
        "zh": ["Hadal 能运行 {} 吗？", "我能运行 {} 吗？", "支持 {} 吗？", "{} 能在 Hadal 上用吗？", "Hadal 能提供 {} 吗？", "{} 能跑吗？",
               "Hadal 可以运行 {} 吗？"]},
    "format": {
        "en": ["Can Hadal read {}?", "Does Hadal open {}?", "Are {} supported?", "Can I load {}?", "Do {} work?", "Does it read {}?",
               "Does Hadal read {}?"],
        "zh": ["Hadal 能读 {} 吗？", "Hadal 能打开 {} 吗？", "支持 {} 吗？", "我能加载 {} 吗？", "{} 能用吗？", "它能读 {} 吗？",
               "Hadal 可以读 {} 吗？"]},
    "path": {
        "en": ["What does {} do?", "What is at {}?", "What is the path {} for?", "What does the server answer at {}?", "Explain {}.",
               "What is the endpoint {} for?", "What does the endpoint {} do?"],
        "zh": ["{} 做什么？", "{} 是什么？", "路径 {} 有什么用？", "服务器在 {} 回答什么？", "解释一下 {}。", "端点 {} 是干什么的？",
               "端点 {} 做什么？"]},
    "holds": {
        "en": ["What is in {}?", "What does the target {} hold?", "What is the module {} for?", "Explain {}.", "What does {} contain?",
               "What do I find in {}?", "What does the module {} hold?"],
        "zh": ["{} 里有什么？", "目标 {} 包含什么？", "模块 {} 是干什么的？", "解释一下 {}。", "{} 包含什么？", "在 {} 里能找到什么？",
               "模块 {} 里有什么？"]},
    "place": {
        "en": ["Where is {}?", "In which target is {}?", "Where do I find {}?", "Which module holds {}?", "Where in the sources is {}?",
               "In which folder is {}?", "Which target holds {}?"],
        "zh": ["{}在哪里？", "{}在哪个目标里？", "在哪里找到{}？", "哪个模块包含{}？", "{}在源码的什么地方？", "{}在哪个文件夹？",
               "哪个目标包含{}？"]},
}


def _asked(kind, name, en, zh=None):
    return {"en": [way.format(en) for way in WAYS[kind]["en"]], "zh": [way.format(zh or en) for way in WAYS[kind]["zh"]]}


def _verdict(cells):
    """yes, no or a reason."""
    if cells[0] == "yes":
        return {"en": "Yes.", "zh": "可以。"}
    if cells[0] == "no":
        return {"en": "No.", "zh": "不能。"}
    return {"en": cells[0], "zh": cells[1]}


def _tables():
    for name, en, zh, example, writes_json in _table("commands.txt"):
        command = "hadal " + name
        yield Question("command:" + name, _asked("command", name, command),
                       {"en": f"`{command}` is there to {en}.", "zh": f"`{command}` 用来{zh}。"})
        yield Question("example:" + name, _asked("example", name, command), {"en": f"`{example}`", "zh": f"`{example}`"})
        yield Question("json:" + name, _asked("json", name, command), {
            "en": "Yes, with `--json`." if writes_json == "yes" else "No.",
            "zh": "可以，加上 `--json`。" if writes_json == "yes" else "不能。"})
    for row in _table("options.txt"):
        option, commands, en, zh, wish_en, wish_zh = row[:6]
        default = row[6].strip(" |") if len(row) > 6 else ""
        wish_zh = wish_zh.rstrip(" |")
        yield Question("option:" + option, _asked("option", option, option),
                       {"en": f"`{option}` ({commands}): {en}.", "zh": f"`{option}`（{commands}）：{zh}。"})
        yield Question("wish:" + option, _asked("wish", option, wish_en, wish_zh),
                       {"en": f"Use `{option}` ({commands}).", "zh": f"用 `{option}`（{commands}）。"})
        if default:
            yield Question("default:" + option, _asked("default", option, option), {"en": f"`{default}`", "zh": f"`{default}`"})
    for kind in ("model", "format"):
        for row in _table(kind + "s.txt"):
            yield Question(f"{kind}:{row[0]}", _asked(kind, row[0], row[0]), _verdict(row[1:]))
    for path, en, zh, there in _table("paths.txt"):
        yield Question("path:" + path, _asked("path", path, path), {
            "en": f"`{path}` {en}." if there == "yes" else f"Not yet: `{path}` would be for {en}.",
            "zh": f"`{path}` {zh}。" if there == "yes" else f"还没有：`{path}` 将用于{zh}。"})
    for target, en, zh, things in _targets():
        yield Question("holds:" + target, _asked("holds", target, target),
                       {"en": f"`{target}` holds {en}.", "zh": f"`{target}` 里是{zh}。"})
        for thing_en, thing_zh in things:
            yield Question("place:" + thing_en, _asked("place", thing_en, thing_en, thing_zh), {
                "en": f"In `Sources/{target}`.", "zh": f"在 `Sources/{target}` 里。"})


def _targets():
    for target, en, zh, things_en, things_zh in _table("targets.txt"):
        yield target, en, zh, list(zip(things_en.split(" ~ "), things_zh.split(" ~ ")))


def questions():
    return [*_blocks("howto.txt", True), *_blocks("answers.txt", False), *_tables()]
