"""The chat template (Guide/chat_template.jinja) in Python, so that the corpus needs the standard library only.

`segments` gives the conversation as pieces of text, each with a mark whether the model writes it.
"""

import json

BOS, EOS = "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>"
USER, ASSISTANT = "<｜User｜>", "<｜Assistant｜>"
THINK, ANSWER = "<think>", "</think>"
CALLS, CALLS_END = "<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>"
CALL, NAMED, CALL_END = "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", "<｜tool▁call▁end｜>"
OUTPUT, OUTPUT_END = "<｜tool▁output▁begin｜>", "<｜tool▁output▁end｜>"
FIM, HOLE, FIM_END = "<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"

SPECIAL = [BOS, EOS, "<｜▁pad▁｜>", USER, ASSISTANT, THINK, ANSWER, CALLS, CALLS_END, CALL, NAMED, CALL_END,
           "<｜tool▁outputs▁begin｜>", "<｜tool▁outputs▁end｜>", OUTPUT, OUTPUT_END, FIM, HOLE, FIM_END]


def dump(value):
    return json.dumps(value, ensure_ascii=False)


def calls(list_of_calls):
    written = "".join(CALL + call["function"]["name"] + NAMED + call["function"]["arguments"] + CALL_END
                      for call in list_of_calls)
    return CALLS + written + CALLS_END


def head(messages, tools):
    text = "\n\n".join(message["content"] for message in messages if message["role"] == "system")
    if tools:
        text += "\n\n## Tools\n" if text else "## Tools\n"
        for tool in tools:
            function = tool["function"]
            text += f"\n### {function['name']}\n{function['description']}\n{dump(function['parameters'])}\n"
    return BOS + text


def segments(messages, tools=None, thinking=False):
    """[(text, whether the model writes it)]"""
    parts = [(head(messages, tools), False)]
    last_user = max((i for i, m in enumerate(messages) if m["role"] == "user"), default=-1)
    for index, message in enumerate(messages):
        role = message["role"]
        if role == "user":
            parts.append((USER + message["content"], False))
        elif role == "tool":
            parts.append((OUTPUT + message["content"] + OUTPUT_END, False))
        elif role == "assistant":
            thinks = thinking and index > last_user
            parts.append((ASSISTANT + (THINK if thinks else ANSWER), False))
            text = message.get("reasoning_content", "") + ANSWER if thinks else ""
            text += message.get("content") or ""
            if message.get("tool_calls"):
                text += calls(message["tool_calls"])
            parts.append((text + EOS, True))
    return parts


def middle(before, after, between):
    """Fill in the middle, as DeepSeek's coder models do it."""
    return [(BOS + FIM + before + HOLE + after + FIM_END, False), (between + EOS, True)]
