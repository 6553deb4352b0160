"""Small sums, worked out digit by digit: + and - within 0…999, × of one digit by up to two, and word problems."""

import names
from language import expanded, pick, split_of

ASK = {
    "en": ["[What is|What's|Say what is|Do you know] {e}?", "{e}[|?|.]", "{e} = ?", "[Compute|Calculate|Solve|Work out] {e}[.|, please.| for me.]",
           "[Calculate|Give me|Tell me|Find] [|the result of ]{e}, please.", "How much is {e}?", "Can you work out {e}?",
           "What does {e} make?", "Please compute {e}.", "{e}=", "Solve {e}.", "I need the result of {e}.", "How much does {e} make?",
           "Tell me what {e} is."],
    "zh": ["{e}[等于多少|等于几|是几]？", "{e}[|？|。]", "{e} = ?", "[计算|算算|算一下|求]{e}[。|的结果。]", "[请|帮我|请你|]算一下{e}。", "{e}是多少？", "能算出{e}吗？", "{e}得几？", "请计算{e}。", "{e}=",
           "求{e}。", "我需要{e}的结果。", "帮我算{e}。", "告诉我{e}是多少。"],
}
WORDS = {"en": {"+": [" plus ", " + ", "+"], "-": [" minus ", " - ", "-"], "×": [" times ", " × ", "×", " * "]},
         "zh": {"+": ["加", " + ", "+"], "-": ["减", " - ", "-"], "×": ["乘以", " × ", "×", " * "]}}

THINGS = {"en": "apples books coins eggs stones stamps pens shells cups cards".split(),
          "zh": "苹果 书 硬币 鸡蛋 石头 邮票 钢笔 贝壳 杯子 卡片".split()}

# Two steps: a, then ± b, then ± c. The signs stand before the story.
STORIES = {
    "en": ["+- {p} has {a} {t}, gets {b} more and gives away {c}. How many {t} are left?",
           "++ {p} buys {a} {t}, then {b}, then {c}. How many {t} does {p} have?",
           "-+ There are {a} {t} in a box. {p} takes {b} out and puts {c} in. How many are in the box?",
           "-- {p} had {a} {t}, lost {b} and then lost {c}. How many {t} does {p} still have?",
           "+- {p} finds {a} {t} and then {b}, but {c} are broken. How many {t} are whole?",
           "-+ A shop has {a} {t}. It sells {b} and gets {c} new ones. How many {t} does it have now?",
           "+- {p} owns {a} {t}, receives {b} and hands {c} to a friend. How many {t} remain?"],
    "zh": ["+- {p}有{a}个{t}，又得到{b}个，送出{c}个。还剩几个{t}？",
           "++ {p}先买了{a}个{t}，又买了{b}个，再买了{c}个。{p}一共有几个{t}？",
           "-+ 盒子里有{a}个{t}，{p}拿出{b}个，放进{c}个。盒子里有几个？",
           "-- {p}有{a}个{t}，丢了{b}个，又丢了{c}个。{p}还有几个{t}？",
           "+- {p}找到{a}个{t}，又找到{b}个，但{c}个坏了。好的有几个？",
           "-+ 商店有{a}个{t}，卖出{b}个，进货{c}个。现在有几个{t}？",
           "+- {p}拥有{a}个{t}，收到{b}个，给朋友{c}个。剩下几个{t}？"],
}

# Of these training makes stories of its own, so that a verb and not the story as a whole says what to do. {s} begins a
# sentence, {n} is a number.
OWNERS = {"en": ["{p}", "{p}", "{p}", "A shop", "The school", "A box"], "zh": ["{p}", "{p}", "{p}", "商店", "学校", "盒子里"]}
HAS = {"en": ["{s} [has|owns|had|holds] {a} {t}", "At first {s} [has|had] {a} {t}", "{s} starts with {a} {t}"],
       "zh": ["{s}[有|原来有|先有|现有]{a}个{t}"]}
CHANGES = {
    "en": {"+": ["gets {n} more", "gets {n} new ones", "receives {n}[| more]", "buys {n}[| more]", "finds {n}[| more]", "is given {n}",
                 "adds {n}", "puts {n} in", "takes in {n}", "makes {n}[| more]", "wins {n}", "picks up {n}", "takes {n} from a friend"],
           "-": ["gives away {n}", "gives {n} away", "loses {n}", "sells {n}", "hands {n} to [a friend|somebody]", "takes {n} out", "breaks {n}",
                 "throws {n} away", "drops {n}", "hands over {n}", "gives {n} to a friend", "uses {n}", "sends off {n}"]},
    "zh": {"+": ["[又|再|]得到{n}个", "收到{n}个", "[又|再|]买了{n}个", "[又|再|]找到{n}个", "进货{n}个", "放进{n}个", "赢了{n}个", "捡到{n}个", "[又|]做了{n}个",
                 "朋友给了{n}个"],
           "-": ["送出{n}个", "[又|]丢了{n}个", "卖出{n}个", "卖掉{n}个", "给朋友{n}个", "拿出{n}个", "[又|]打破{n}个", "扔掉{n}个", "用掉{n}个", "坏了{n}个"]}}
JOINED = {"en": ["{h}, {x} and {y}. ", "{h}. {It} {x} and {y}. ", "{h}, {x}, then {y}. ", "{h}. {It} {x}. Then {it} {y}. ", "{h}, {x}[ and later| and then|, but] {y}. "],
          "zh": ["{h}，{x}，{y}。", "{h}。{x}，{y}。", "{h}，{x}，接着{y}。", "{h}，{x}，后来{y}。"]}
LEFT = {"en": ["How many {t} [are left|remain|are there|are there now]?", "How many {t} does {it} [have|have now|still have|own]?",
               "How many are [left|there|there now]?", "How many {t} does {it} have [at the end|in the end]?"],
        "zh": ["还剩几个{t}？", "[现在|最后|]有几个{t}？", "剩下几个{t}？", "[一共|]有几个？", "[现在|]还有几个{t}？"]}


def _story(rng, lang, split, numbers):
    """(signs, text with {a} {b} {c})"""
    thing, person = rng.choice(THINGS[lang]), names.person(rng, lang, split)
    if split != "train" or rng.random() < 0.2:
        signs, _, text = pick(rng, STORIES[lang], split).partition(" ")
        return signs, text.format(p=person, t=thing, **numbers)
    one = lambda ways: rng.choice(expanded(rng.choice(ways)))
    signs = rng.choice(["+-", "-+", "++", "--"])
    owner = one(OWNERS[lang]).format(p=person)
    has = one(HAS[lang])
    has = has.format(s=owner if has.startswith("{s}") or owner == person else owner.lower(), t=thing, **numbers)
    pronoun = owner if owner == person else "it"
    changes = [one(CHANGES[lang][sign]).format(n=numbers[key]) for sign, key in zip(signs, "bc")]
    text = one(JOINED[lang]).format(h=has, x=changes[0], y=changes[1], it=pronoun, It=pronoun[0].upper() + pronoun[1:])
    return signs, text + one(LEFT[lang]).format(t=thing, it=pronoun)


def steps(a, op, b):
    """The working of a op b, and the result."""
    if op == "×":
        a, b = (b, a) if a < b else (a, b)
        if a < 10:
            return f"{a}×{b}={a * b}", a * b
        tens, ones = a // 10 * 10, a % 10
        return f"{tens}×{b}={tens * b}, {ones}×{b}={ones * b}, {tens * b}+{ones * b}={a * b}", a * b
    parts, carry, result = [], 0, a + b if op == "+" else a - b
    for place in range(max(len(str(a)), len(str(b)))):
        x, y = a // 10 ** place % 10, b // 10 ** place % 10
        carried = f"{op}{carry}" if carry else ""
        if op == "+":
            total = x + y + carry
            parts.append(f"{x}+{y}{carried}={total}")
            carry = total // 10
        else:
            borrow = 1 if x - y - carry < 0 else 0
            parts.append(f"{x + 10 * borrow}-{y}{carried}={x + 10 * borrow - y - carry}")
            carry = borrow
    return ", ".join(parts), result


def _operands(rng, split):
    """A sum belongs to one split, whichever way round it is written."""
    while True:
        op = rng.choice("++--×")
        if op == "×":
            a, b = rng.randint(2, 99), rng.randint(2, 9)
            if rng.random() < 0.4:
                a = rng.randint(2, 9)
            if rng.random() < 0.5:
                a, b = b, a
        else:
            digits = rng.choice([1, 2, 2, 2, 3, 3])
            a, b = rng.randrange(10 ** digits), rng.randrange(10 ** rng.randint(1, digits))
            if op == "+" and a + b > 999:
                continue
            if op == "-" and a < b:
                a, b = b, a
        low, high = sorted((a, b))
        if split_of(f"{low}{op}{high}") == split:
            return a, op, b


def sample(rng, lang, split):
    thinking = rng.random() < 0.7
    if rng.random() < 0.7:
        a, op, b = _operands(rng, split)
        expression = f"{a}{rng.choice(WORDS[lang][op])}{b}"
        question = pick(rng, ASK[lang], split).format(e=expression)
        working, result = steps(a, op, b)
        plain = f"{a} {op} {b} = {result}"
        name = "sum"
    else:
        while True:
            a, b, c = rng.randint(5, 60), rng.randint(2, 30), rng.randint(2, 30)
            ops, question = _story(rng, lang, split, {"a": a, "b": b, "c": c})
            middle = a + b if ops[0] == "+" else a - b
            result = middle + c if ops[1] == "+" else middle - c
            if middle > 0 and result >= 0 and split_of(f"{a}{ops}{b},{c}") == split:
                break
        first, second = steps(a, ops[0], b), steps(middle, ops[1], c)
        working = f"{a}{ops[0]}{b}: {first[0]}; {middle}. {middle}{ops[1]}{c}: {second[0]}; {result}"
        plain = str(result)
        name = "story"
    answer = {"role": "assistant", "content": plain}
    if thinking:
        answer["reasoning_content"] = f"{working}; {result}" if name == "sum" else working
    else:
        answer["content"] = f"{working}; {plain}" if name == "sum" else working
    return {"skill": "arithmetic", "id": name, "lang": lang, "thinking": thinking, "result": str(result),
            "messages": [{"role": "user", "content": question}, answer]}
