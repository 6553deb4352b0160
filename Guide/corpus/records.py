"""JSON as asked: the fields of a text, under the names that the request gives."""

from language import pick
from passages import facts, joined
from render import dump

ASK = {
    "en": ["Give me {k} of {s} as JSON.", "Extract {k} of {s} as a JSON object.", "Answer in JSON with {k} for {s}.",
           "Write a JSON object for {s} with the keys {k}.", "JSON for {s}, keys: {k}.", "Return {k} of {s} in JSON.",
           "Put {k} of {s} into JSON.", "Return a JSON object with the keys {k} for {s}.", "As JSON: {k} of {s}.",
           "Make JSON with the fields {k} for {s}.", "I need JSON of {s} with {k}.", "Fill a JSON object with {k} for {s}.",
           "Read the text and give {k} of {s} as JSON.", "Extract JSON for {s} with the keys {k}."],
    "zh": ["以 JSON 给出{s}的{k}。", "把{s}的{k}提取为 JSON 对象。", "用 JSON 回答{s}的{k}。", "为{s}写一个 JSON 对象，键为{k}。", "{s}的 JSON，键：{k}。",
           "返回{s}的{k}，用 JSON。", "把{s}的{k}写成 JSON。", "返回 JSON 对象，包含{s}的{k}。", "JSON 格式：{s}的{k}。", "用字段{k}为{s}生成 JSON。",
           "我需要{s}的 JSON，含{k}。", "用{s}的{k}填写 JSON 对象。", "阅读文本，以 JSON 给出{s}的{k}。", "为{s}提取 JSON，键为{k}。"],
}


def _value(text):
    return int(text) if text.isdigit() and text == str(int(text)) else text


def _key(rng, relation, lang):
    """English names are as usual in JSON as the text's own."""
    key = relation.key["en" if lang == "en" or rng.random() < 0.5 else "zh"]
    return key.upper() if lang == "en" and rng.random() < 0.05 else key


def sample(rng, lang, split):
    _, people, told = facts(rng, lang, split, rng.choice([1, 1, 2, 2, 3]), rng.choice([2, 2, 3, 4]))
    subject = rng.choice(people)
    own = [t for t in told if t[0] == subject]
    wanted = [(_key(rng, relation, lang), _value(value)) for _, relation, value, _ in rng.sample(own, rng.randint(1, len(own)))]
    if rng.random() < 0.15:  # asked for, but not said
        absent = [r for _, r, *_ in told if all(r is not mine for _, mine, *_ in own)]
        if absent:
            wanted.insert(rng.randrange(len(wanted) + 1), (_key(rng, rng.choice(absent), lang), None))
    if rng.random() < 0.3:
        wanted.insert(0, ("name" if lang == "en" or rng.random() < 0.5 else "名字", subject))
    record = dict(wanted)
    separator = rng.choice([", ", ", ", " and "] if len(record) == 2 else [", "]) if lang == "en" else rng.choice(["、", "，", "、"])
    rng.shuffle(told)
    text = joined(rng, lang, split, [sentence for *_, sentence in told], rng.choice([0, 0, 1]))
    question = pick(rng, ASK[lang], split).format(k=separator.join(record), s=subject)
    order = rng.choice(["{t}\n\n{q}", "{q}\n\n{t}", "{t}\n{q}"])
    return {"skill": "json", "id": "json", "lang": lang, "messages": [
        {"role": "user", "content": order.format(t=text, q=question)}, {"role": "assistant", "content": dump(record)}]}
