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
    tool = offered[0]
    values = _values(rng, tool, lang, split)
    question = pick(rng, tool.asks[lang], split).format(*values)
    fits = rng.random() < 0.8
    if not fits:
        offered = offered[1:] or [rng.choice([other for other in TOOLS if other is not tool])]
    rng.shuffle(offered)
    offers = [_offer(rng, each, lang) for each in offered]
    definitions = [definition for definition, _ in offers]
    messages = []
    if rng.random() < 0.2:
        messages.append({"role": "system", "content": "You are a helpful assistant." if lang == "en" else "你是一个有用的助手。"})
    result = {"skill": "tools", "lang": lang, "tools": definitions}
    if not fits:
        # Mostly something that another tool would do, at times a question about Hadal, which needs none.
        if rng.random() < 0.5:
            text, answers, name = dialogue.turn(rng, lang, split, rng.choice(["hadal", "talk"]))
            messages += [{"role": "user", "content": text}, {"role": "assistant", "content": answers[lang]}]
            return {**result, "id": "no tool: " + name, "messages": messages}
        messages += [{"role": "user", "content": question}, {"role": "assistant", "content": NO_TOOL[lang]}]
        return {**result, "id": "no tool", "messages": messages}
    definition, parameters = offers[offered.index(tool)]
    arguments = {name: int(value) if kind == INTEGER else value for name, value, (_, kind, _) in zip(parameters, values, tool.parameters)}
    call = {"type": "function", "function": {"name": definition["function"]["name"], "arguments": dump(arguments)}}
    messages += [{"role": "user", "content": question}, {"role": "assistant", "content": "", "tool_calls": [call]}]
    if rng.random() < 0.7:
        return {**result, "id": "call", "messages": messages}
    key, kind = tool.result
    value = VALUES[kind](rng, lang, split) if kind else "ok"
    returned = {key: int(value) if value.isdigit() else value}
    messages += [{"role": "tool", "content": dump(returned)},
                 {"role": "assistant", "content": tool.answer[lang].format(*values, r=value)}]
    return {**result, "id": "result", "messages": messages}
