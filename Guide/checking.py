"""Whether an answer is right: what matters, not letter by letter, except where the text's own words were asked for."""

import json
import re

from render import ANSWER, CALL, CALL_END, CALLS, NAMED

_MARKS = str.maketrans("，。：；？！（）", ",.:;?!()")


def plain(text):
    return re.sub(r"\s+", " ", text.translate(_MARKS)).strip().rstrip(".").lower()


def _codes(text):
    return re.findall(r"`([^`]+)`", text)


def _verdict(text):
    found = re.match(r"(Yes|No\b|Not yet|可以|不能|还没有|不会|不需要|不是)", text)
    return found and found.group()


def fact(answer, reference):
    """The same yes or no, the same commands, options and paths; where there are none of these, the same words."""
    if _verdict(answer) != _verdict(reference):
        return False
    codes = _codes(reference)
    if codes:
        return codes == _codes(answer)
    return plain(answer) == plain(reference)


def number(answer, result):
    found = re.findall(r"-?\d+", answer)
    return bool(found) and found[-1] == result


def record(answer, reference):
    try:
        return json.loads(answer) == json.loads(reference)
    except ValueError:
        return False


def calls(text):
    """[(name, arguments)] from DeepSeek's tool-call form; None where it is broken."""
    if CALLS not in text:
        return []
    found = []
    for part in text.split(CALL)[1:]:
        name, mark, arguments = part.split(CALL_END)[0].partition(NAMED)
        try:
            found.append((name, json.loads(arguments)))
        except ValueError:
            return None
    return found


def right(sample, answer):
    if "middle" in sample:
        return answer == sample["middle"]
    answer = answer.split(ANSWER)[-1]
    reference = sample["messages"][-1]
    skill = sample["skill"]
    if reference.get("tool_calls"):
        wanted = [(call["function"]["name"], json.loads(call["function"]["arguments"])) for call in reference["tool_calls"]]
        return calls(answer) == wanted
    if skill == "arithmetic":
        return number(answer, sample["result"])
    if skill == "json":
        return record(answer, reference["content"])
    if skill in ("passage", "absent", "repeat"):
        return answer.strip() == reference["content"]
    return calls(answer) == [] and fact(answer, reference["content"])
