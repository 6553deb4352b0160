"""Choosing a tool, filling its arguments, and answering from what comes back; or seeing that none fits."""

from dialogue import Dialogue
from language import pick
from render import dump
from toolbox import INTEGER, TOOLS, VALUES

NO_TOOL = {"en": "None of the tools can do that.", "zh": "没有合适的工具。"}


def _offer(rng, tool, lang):
    """The tool under one of its names, with one name for each parameter."""
    parameters = [rng.choice(possible.split()) for possible, _, _ in tool.parameters]
    properties = {name: {"type": kind} for name, (_, kind, _) in zip(parameters, tool.parameters)}
    function = {"name": rng.choice(tool.names), "description": tool.does[lang],
                "parameters": {"type": "object", "properties": properties, "required": parameters}}
    return {"type": "function", "function": function}, parameters


def _values(rng, tool, lang, split):
    """Values that differ; single words of a closed list are free in every split."""
    while True:
        values = [VALUES[kind](rng, lang, split) for _, _, kind in tool.parameters]
        if len(set(values)) == len(values):
            return values


def sample(rng, lang, split, dialogue=Dialogue()):
    offered = rng.sample(TOOLS, rng.choice([1, 1, 2, 2, 3, 4]))
    absent = [tool for tool in TOOLS if tool not in offered]
    offers = [(tool, *_offer(rng, tool, lang)) for tool in offered]
    messages = []
    if rng.random() < 0.2:
        messages.append({"role": "system", "content": "You are a helpful assistant." if lang == "en" else "你是一个有用的助手。"})
    # The definitions are long: more requests to the same tools teach more for each token.
    for _ in range(rng.choice([1, 2, 3, 4]) if split == "train" else 1):
        kind = rng.random()
        if kind < 0.1:
            # A question about Hadal, which needs no tool.
            text, answers, name = dialogue.turn(rng, lang, split, rng.choice(["hadal", "talk"]))
            messages += [{"role": "user", "content": text}, {"role": "assistant", "content": answers[lang]}]
            name = "no tool: " + name
        elif kind < 0.2:
            tool = rng.choice(absent)
            question = pick(rng, tool.asks[lang], split).format(*_values(rng, tool, lang, split))
            messages += [{"role": "user", "content": question}, {"role": "assistant", "content": NO_TOOL[lang]}]
            name = "no tool"
        else:
            turn, name = _call(rng, lang, split, *rng.choice(offers))
            messages += turn
    return {"skill": "tools", "id": name, "lang": lang, "tools": [definition for _, definition, _ in offers], "messages": messages}


def _call(rng, lang, split, tool, definition, parameters):
    """A request, its call, and mostly in the middle of a conversation what comes back and the answer."""
    values = _values(rng, tool, lang, split)
    question = pick(rng, tool.asks[lang], split).format(*values)
    arguments = {name: int(value) if kind == INTEGER else value for name, value, (_, kind, _) in zip(parameters, values, tool.parameters)}
    call = {"type": "function", "function": {"name": definition["function"]["name"], "arguments": dump(arguments)}}
    turn = [{"role": "user", "content": question}, {"role": "assistant", "content": "", "tool_calls": [call]}]
    if rng.random() < 0.7:
        return turn, "call"
    key, kind = tool.result
    value = VALUES[kind](rng, lang, split) if kind else "ok"
    returned = {key: int(value) if value.isdigit() else value}
    return turn + [{"role": "tool", "content": dump(returned)},
                   {"role": "assistant", "content": tool.answer[lang].format(*values, r=value)}], "result"
