"""Small sums, worked out digit by digit: + and - within 0…999, × of one digit by up to two, and word problems."""

import names
from language import pick, split_of

ASK = {
    "en": ["What is {e}?", "{e}", "{e} = ?", "Compute {e}.", "Calculate {e}, please.", "How much is {e}?", "Can you work out {e}?",
           "What does {e} make?", "Please compute {e}.", "{e}=", "Solve {e}.", "I need the result of {e}.", "How much does {e} make?",
           "Tell me what {e} is."],
    "zh": ["{e}等于多少？", "{e}", "{e} = ?", "计算{e}。", "请算一下{e}。", "{e}是多少？", "能算出{e}吗？", "{e}得几？", "请计算{e}。", "{e}=",
           "求{e}。", "我需要{e}的结果。", "帮我算{e}。", "告诉我{e}是多少。"],
}
WORDS = {"en": {"+": [" plus ", " + ", "+"], "-": [" minus ", " - ", "-"], "×": [" times ", " × ", "×", " * "]},
         "zh": {"+": ["加", " + ", "+"], "-": ["减", " - ", "-"], "×": ["乘以", " × ", "×", " * "]}}

THINGS = {"en": "apples books coins eggs stones stamps pens shells cups cards".split(),
          "zh": "苹果 书 硬币 鸡蛋 石头 邮票 钢笔 贝壳 杯子 卡片".split()}

# Two steps: a, then ± b, then ± c.
STORIES = {
    "en": [("{p} has {a} {t}, gets {b} more and gives away {c}. How many {t} are left?", "+-"),
           ("{p} buys {a} {t}, then {b}, then {c}. How many {t} does {p} have?", "++"),
           ("There are {a} {t} in a box. {p} takes {b} out and puts {c} in. How many are in the box?", "-+"),
           ("{p} had {a} {t}, lost {b} and then lost {c}. How many {t} does {p} still have?", "--"),
           ("{p} finds {a} {t} and then {b}, but {c} are broken. How many {t} are whole?", "+-"),
           ("A shop has {a} {t}. It sells {b} and gets {c} new ones. How many {t} does it have now?", "-+"),
           ("{p} owns {a} {t}, receives {b} and hands {c} to a friend. How many {t} remain?", "+-")],
    "zh": [("{p}有{a}个{t}，又得到{b}个，送出{c}个。还剩几个{t}？", "+-"),
           ("{p}先买了{a}个{t}，又买了{b}个，再买了{c}个。{p}一共有几个{t}？", "++"),
           ("盒子里有{a}个{t}，{p}拿出{b}个，放进{c}个。盒子里有几个？", "-+"),
           ("{p}有{a}个{t}，丢了{b}个，又丢了{c}个。{p}还有几个{t}？", "--"),
           ("{p}找到{a}个{t}，又找到{b}个，但{c}个坏了。好的有几个？", "+-"),
           ("商店有{a}个{t}，卖出{b}个，进货{c}个。现在有几个{t}？", "-+"),
           ("{p}拥有{a}个{t}，收到{b}个，给朋友{c}个。剩下几个{t}？", "+-")],
}


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
        story, ops = pick(rng, STORIES[lang], split)
        while True:
            a, b, c = rng.randint(5, 60), rng.randint(2, 30), rng.randint(2, 30)
            middle = a + b if ops[0] == "+" else a - b
            result = middle + c if ops[1] == "+" else middle - c
            if middle > 0 and result >= 0 and split_of(f"{a}{ops}{b},{c}") == split:
                break
        thing = rng.choice(THINGS[lang])
        question = story.format(p=names.person(rng, lang, split), a=a, b=b, c=c, t=thing)
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
