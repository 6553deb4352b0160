"""JSON as asked: the fields of a text, under the names that the request gives."""

from language import pick
from passages import facts, joined
from render import dump

ASK = {
    "en": ["[Give me|Tell me|Show me|I need|Get] {k} of {s} [as|in] JSON.", "[Extract|Read|Find|Take] {k} of {s} [as|into] a JSON object.",
           "[Answer in|Make|Write|Give] JSON with {k} [for|of] {s}.", "[Write|Return|Make|Fill] a JSON object [for|about] {s} with the [keys|fields] {k}.",
           "[JSON|A JSON object] [for|about|of] {s}, [keys|fields]: {k}.", "Return {k} of {s} in JSON.",
           "Put {k} of {s} into JSON.", "Return a JSON object with the keys {k} for {s}.", "As JSON: {k} of {s}.",
           "Make JSON with the [fields|keys] {k} for {s}.", "I [need|want] JSON [of|for] {s} with {k}.", "Fill a JSON object with {k} [for|of] {s}.",
           "Read the text and give {k} of {s} as JSON.", "Extract JSON for {s} with the keys {k}.",
           "[Put|Print|Send|List|State|Provide|Name|Output|Produce|Write|Return|Show] {k} of {s} [as|in|into|using] [JSON|a JSON object].",
           "[Put|Write|Print|Return] [into|as|in] JSON: {k} of {s}.",
           "[Please|Now|Then] [give|return|extract|write|put|output] {k} of {s} [in|into|as] JSON.",
           "[Read|Look at|Use|Take] the text and [return|write|extract|output|list] {k} of {s} [in|as] JSON.",
           "[For|About] {s}[, give|, write|, return|:] {k} [in|as] JSON."],
    "zh": ["以 JSON [给出|返回|写出]{s}的{k}。", "把{s}的{k}[提取|整理][为|成] JSON[ 对象|]。", "[用|以] JSON [格式|]回答{s}的{k}。", "[为|给]{s}写一个 JSON 对象，[键|字段][为|是]{k}。",
           "{s}的 JSON，[键|字段]：{k}。",
           "返回{s}的{k}，用 JSON。", "把{s}的{k}写成 JSON。", "返回 JSON 对象，包含{s}的{k}。", "[JSON 格式|写成 JSON|用 JSON]：{s}的{k}。", "用字段{k}[为|给]{s}生成 JSON。",
           "我[需要|要]{s}的 JSON，[含|包含]{k}。", "用{s}的{k}填写 JSON 对象。", "阅读文本，以 JSON 给出{s}的{k}。", "为{s}提取 JSON，键为{k}。",
           "[列出|输出|打印|写出|给出|提供|说出]{s}的{k}，[用|以|写成] JSON。", "[请|现在|帮我][返回|提取|给出|写出|整理]{s}的{k}，[用|以] JSON [格式|]。",
           "[把|将]{s}的{k}[放进|变成|转为|整理成|输出成] JSON[ 对象|]。", "[看文本|读文本|根据文本|用这段文本]，[用|以] JSON [返回|写出|提取]{s}的{k}。",
           "[关于|针对]{s}，[用|以] JSON [写出|返回|给出]{k}。"],
}


def _value(text):
    return int(text) if text.isdigit() and text == str(int(text)) else text


def _key(rng, relation, lang):
    """English names are as usual in JSON as the text's own."""
    key = relation.key["en" if lang == "en" or rng.random() < 0.5 else "zh"]
    return key.upper() if lang == "en" and rng.random() < 0.05 else key


def _request(rng, lang, split, people, told):
    """(question, answer, what is asked of whom) about one of the people."""
    subject = rng.choice(people)
    own = [t for t in told if t[0] == subject]
    wanted = [(_key(rng, relation, lang), value) for _, relation, value, _ in rng.sample(own, rng.randint(1, len(own)))]
    if rng.random() < 0.15:  # asked for, but not said
        absent = [r for _, r, *_ in told if all(r is not mine for _, mine, *_ in own)]
        if absent:
            wanted.insert(rng.randrange(len(wanted) + 1), (_key(rng, rng.choice(absent), lang), None))
    record = {key: _value(value) if value else None for key, value in wanted}
    if rng.random() < 0.3:
        record = {"name" if lang == "en" or rng.random() < 0.5 else "名字": subject} | record
    separator = rng.choice([", ", ", ", " and "] if len(record) == 2 else [", "]) if lang == "en" else rng.choice(["、", "，", "、"])
    question = pick(rng, ASK[lang], split).format(k=separator.join(record), s=subject)
    return question, dump(record), (question, subject, [(value, key) for key, value in wanted], None)


def sample(rng, lang, split):
    _, people, told = facts(rng, lang, split, rng.choice([1, 1, 2, 2, 3]), rng.choice([2, 2, 3, 4]))
    requests = [_request(rng, lang, split, people, told) for _ in range(rng.choice([1, 2, 3, 4, 5, 6]) if split == "train" else 1)]
    rng.shuffle(told)
    text = joined(rng, lang, split, [sentence for *_, sentence in told], rng.choice([0, 0, 1]))
    messages = []
    for turn, (question, answer, _) in enumerate(requests):
        if turn == 0:
            question = rng.choice(["{t}\n\n{q}", "{q}\n\n{t}", "{t}\n{q}"]).format(t=text, q=question)
        messages += [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return {"skill": "json", "id": "json", "lang": lang, "messages": messages,
            "told": [(subject, value, sentence) for subject, _, value, sentence in told], "asked": [asked for *_, asked in requests]}
