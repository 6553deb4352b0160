"""Questions about a text in the prompt. The answer is the text's own words, or that it is not there."""

import names
from language import pick
from relations import PERSON, RELATIONS, SUBJECT, THING, unheard

NOT_THERE = {"en": "That is not in the text.", "zh": "文中没有提到。"}

FORMS = {
    "en": ["{t}[\n\n|\n]{q}", "[Text|Passage|The text]:[ |\n]{t}\n[|\n]Question:[ |\n]{q}", "[Read|Look at|Here is] this[ text|]: {t}\n[|\n]{q}",
           "{q}[\n|\n\n]{t}", "[Answer|Tell me] from the text[.|:] {t}\n\n{q}",
           "Here is a text: {t}\n\nNow tell me: {q}", "Passage:\n{t}\n\nQuestion:\n{q}",
           "Text:\n{t}\n\n{q}", "Question: {q}\nText: {t}", "{t}\nQuestion: {q}", "Use this text to answer.\n{t}\n{q}",
           "Given: {t}\n\n{q}", "Look at this: {t}\n{q}", "Read the passage. {t}\n\n{q}"],
    "zh": ["{t}[\n\n|\n]{q}", "[文本|短文|这段话]：[|\n]{t}\n[|\n]问题：[|\n]{q}", "[请阅读|请看|阅读|请读这段话]：{t}\n[|\n]{q}", "{q}[\n|\n\n]{t}",
           "[根据|用|按照]文本回答[。|：]{t}\n\n{q}", "这里有一段话：{t}\n\n请问：{q}",
           "短文：\n{t}\n\n问题：\n{q}", "文本：\n{t}\n\n{q}", "问题：{q}\n文本：{t}", "{t}\n问题：{q}", "用这段文字回答。\n{t}\n{q}",
           "已知：{t}\n\n{q}", "请看：{t}\n{q}", "阅读短文。{t}\n\n{q}"],
}

# Sentences that answer no question.
FILLERS = {
    "en": ["The morning was cold.", "It rained all day.", "Nobody was surprised.", "The road was long.", "Many people came.", "Then it was quiet.",
           "The meeting was short.", "A letter arrived later.", "The wind came from the sea.", "There was tea.", "The old bridge was closed.",
           "It was a good year.", "Some said it would snow.", "The train was late."],
    "zh": ["早上很冷。", "下了一整天的雨。", "没有人感到意外。", "路很长。", "来了很多人。", "后来安静了下来。", "会议很短。", "之后来了一封信。",
           "风从海上吹来。", "大家喝了茶。", "老桥关闭了。", "那是个好年头。", "有人说会下雪。", "火车晚点了。"],
}

# Who has this value? Asked the other way round, for values that are names.
BACKWARDS = {
    "city": (["Who [|now ]lives in {v}?", "Whose [home|house] is in {v}?", "Which [person|of them] [lives|is living|stays] in {v}?", "Who has a [home|house] in {v}?",
              "Who [is at home|stays|settled] in {v}?",
              "Who is living in {v}?", "Which of them lives in {v}?"],
             ["[谁|是谁]住在{v}？", "谁的[家|房子]在{v}？", "哪个人[住|家]在{v}？", "[家|房子]在{v}的[是谁|人是谁]？", "谁[现在|]在{v}居住？", "住在{v}的人是谁？", "{v}住着谁？"]),
    "employer": (["Who [works|has worked] for {v}?", "Who is employed [at|by] {v}?", "Whom does {v} employ[| now]?", "Which person [works for|is working for|has a post at] {v}?",
                  "Who is on the staff of {v}?",
                  "Who has a post at {v}?", "Who is working for {v}?"],
                 ["[谁|哪个人]在{v}上班？", "谁[为|在]{v}工作？", "{v}雇用了[谁|哪个人]？", "[哪个人|谁][在|为]{v}工作？", "{v}的员工[是谁|有谁]？", "在{v}上班的是谁？", "谁是{v}的员工？"]),
    "place": (["What [is|lies] in {v}?", "What stands in {v}?", "What can [be found|I find] in {v}?", "Which [house|place] [is|is located|stands] in {v}?", "What do I find in {v}?",
               "What is located in {v}?", "Which place is in {v}?"],
              ["什么[设在|在]{v}？", "[什么|哪里]位于{v}？", "{v}有[什么|哪个机构]？", "哪个机构[在|设在|位于]{v}？", "[什么坐落在{v}|坐落在{v}的是什么|在{v}能找到什么]？", "设在{v}的是什么？", "{v}能找到什么？"]),
}


def _said(way, subject, value):
    text = way.format(s=subject, v=value)
    # "an owl", "an engineer"
    for vowel in "aeio":
        text = text.replace(f" a {vowel}", f" an {vowel}").replace(f"A {vowel}", f"An {vowel}")
    return text


def facts(rng, lang, split, subjects, per_subject):
    """[(subject, relation, value, sentence)] for some persons or some things, each with its own name."""
    kind = rng.choice([PERSON, PERSON, THING])
    fitting = [relation for relation in RELATIONS if relation.of == kind]
    if split == "train" and rng.random() < 0.35:
        fitting = rng.sample(fitting, rng.choice([0, 2, 4])) + [unheard(rng, lang, split, kind) for _ in range(4)]
    people = []
    while len(people) < subjects:
        name = SUBJECT[kind](rng, lang, split)
        if all(name.split()[0] not in other and other.split()[0] not in name for other in people):
            people.append(name)
    shared = rng.sample(fitting, min(len(fitting), per_subject + 1))
    # People who fill in lists say the same of everybody in the same words; then only the name tells whose a value is.
    alike = split == "train" and rng.random() < 0.5
    ways = {relation: pick(rng, relation.says[lang], split) for relation in shared} if alike else {}
    told = []
    for subject in people:
        for relation in rng.sample(shared, min(len(shared), per_subject)):
            value = relation.value(rng, lang, split)
            # Two of the same age are rare where ages are many, and often in the tests, whose ages are few.
            before = [other for _, same, other, _ in told if same is relation] if split == "train" else []
            if before and rng.random() < 0.25:
                value = rng.choice(before)
            way = ways.get(relation) or pick(rng, relation.says[lang], split)
            told.append((subject, relation, value, _said(way, subject, value)))
    return kind, people, told


def joined(rng, lang, split, sentences, fillers):
    sentences = list(sentences)
    for _ in range(fillers):
        sentences.insert(rng.randrange(len(sentences) + 1), pick(rng, FILLERS[lang], split))
    return (" " if lang == "en" else "").join(sentences)


def _missing(rng, lang, split, kind, people, told):
    """A question that the text does not answer: relation, question, answer, and what is asked of whom (links.py)"""
    known = {(subject, relation.key["en"]) for subject, relation, *_ in told}
    subject, relation = rng.choice(people), None
    if rng.random() < 0.7:
        # Known, but not this of it; often the text says it of another.
        others = [relation for _, relation, *_ in told if relation not in RELATIONS]
        options = [r for r in RELATIONS + others if r.of == kind and (subject, r.key["en"]) not in known]
        said = [r for r in options if any(r is other for _, other, *_ in told)]
        relation = rng.choice(said if said and rng.random() < 0.6 else options)
    else:
        subject = SUBJECT[kind](rng, lang, split)
        relation = rng.choice(told)[1]
    question = pick(rng, relation.asks[lang], split).format(s=subject)
    return relation, question, NOT_THERE[lang], (question, subject, [(None, None)], None)


def _asked(rng, lang, split, told):
    """One that it does answer."""
    subject, relation, value, _ = rng.choice(told)
    same = [t for t in told if t[1] is relation and t[2] == value]
    backwards = BACKWARDS.get(relation.key["en"])
    if backwards and len(same) == 1 and rng.random() < 0.4:
        question = pick(rng, backwards[lang == "zh"], split).format(v=value)
        return relation, question, subject, (question, value, [], subject)
    question = pick(rng, relation.asks[lang], split).format(s=subject)
    return relation, question, value, (question, subject, [(value, None)], None)


def sample(rng, lang, split, long=False):
    subjects = rng.randint(6, 30) if long else rng.choice([1, 2, 2, 3, 3, 4])
    per_subject = rng.choice([1, 2, 3]) if subjects <= 2 else rng.choice([1, 1, 2])
    kind, people, told = facts(rng, lang, split, subjects, per_subject)
    rng.shuffle(told)
    text = joined(rng, lang, split, [sentence for *_, sentence in told], rng.choice([0, 0, 1, 2]) + (6 if long else 0))
    # More questions on the same text: they teach as much as the first, at a fraction of the tokens.
    messages, asked, more = [], [], rng.choice([1, 2, 3, 4, 5, 7]) if split == "train" else 0
    for turn in range(1 + more):
        missing = rng.random() < 0.25
        for _ in range(4 if turn else 1):
            relation, question, answer, link = (_missing(rng, lang, split, kind, people, told) if missing
                                                else _asked(rng, lang, split, told))
            # An answer given before would only be said again.
            if missing or all(answer != message["content"] for message in messages):
                break
        asked.append(link)
        if turn == 0:
            question = pick(rng, FORMS[lang], split).format(t=text, q=question)
        messages += [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return {"skill": "absent" if missing else "passage", "id": relation.key["en"], "lang": lang, "messages": messages,
            "told": [(subject, value, sentence) for subject, _, value, sentence in told], "asked": asked}


REPEAT = {
    "en": ["Repeat: {t}", "Say this again: {t}", "Copy this: {t}", "Repeat after me: {t}", "Write this once more: {t}", "Echo: {t}",
           "Please repeat: {t}"],
    "zh": ["重复：{t}", "再说一遍：{t}", "照抄：{t}", "跟我说：{t}", "再写一次：{t}", "复述：{t}", "请重复：{t}"],
}


def repeat(rng, lang, split):
    """Copying, alone: what all skills with new names rest on."""
    makers = [lambda: names.person(rng, lang, split), lambda: names.place(rng, lang, split), lambda: names.code(rng, split),
              lambda: names.number(rng, split), lambda: names.company(rng, lang, split), lambda: names.identifier(rng, split)]
    text = rng.choice([" ", ", "]).join(rng.choice(makers)() for _ in range(rng.choice([1, 1, 2, 3, 4, 6])))
    return {"skill": "repeat", "id": "repeat", "lang": lang,
            "messages": [{"role": "user", "content": pick(rng, REPEAT[lang], split).format(t=text)}, {"role": "assistant", "content": text}]}
