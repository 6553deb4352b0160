"""Invented people, places, things and numbers: an open set, split by what they are called."""

from language import split_of

_STARTS = "b br ch d dr f g h j k l m n p r s sh st t th tr v w z".split()
_VOWELS = "a e i o u a e i o u ai ea ou".split()
_ENDS = ["", "", "", "", "l", "m", "n", "r", "s", "t", "x"]
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢"
_GIVEN = "安柏春丹恩芳国海佳凯兰敏宁鹏琪瑞思婷文晓雪雅一英宇月云泽志子嘉明浩然欣怡俊杰博涛静慧玲梅峰林强磊洋勇艳"
_PLACE = "青石白河云山竹溪金沙柳桥龙泉梅岭松江花田星月湖海风平安远东西南北新古长玉红黑清"
_PLACE_ENDS = "镇村湾岛谷城港坡滩原"
_COMPANY_ENDS = ["公司", "工厂", "书店", "农场", "诊所", "学校"]
CHINESE = "".join(sorted(set(_SURNAMES + _GIVEN + _PLACE + _PLACE_ENDS + "".join(_COMPANY_ENDS))))


def word(rng, syllables):
    return "".join(rng.choice(_STARTS) + rng.choice(_VOWELS) + rng.choice(_ENDS) for _ in range(syllables))


def _kept(rng, split, make):
    """Draws until the name belongs to this split."""
    while True:
        name = make()
        if split_of(name) == split:
            return name


def person(rng, lang, split):
    if lang == "zh":
        return _kept(rng, split, lambda: rng.choice(_SURNAMES)
                     + "".join(rng.choice(_GIVEN) for _ in range(rng.choice([1, 2, 2]))))
    first = _kept(rng, split, lambda: word(rng, rng.choice([1, 2, 2])).capitalize())
    if rng.random() < 0.5:
        return first
    return first + " " + _kept(rng, split, lambda: word(rng, rng.choice([1, 2])).capitalize())


def place(rng, lang, split):
    if lang == "zh":
        return _kept(rng, split, lambda: rng.choice(_PLACE) + rng.choice(_PLACE) + rng.choice(_PLACE_ENDS))
    return _kept(rng, split, lambda: word(rng, rng.choice([1, 2, 2, 3])).capitalize())


def company(rng, lang, split):
    if lang == "zh":
        return _kept(rng, split, lambda: rng.choice(_PLACE) + rng.choice(_GIVEN)) + rng.choice(_COMPANY_ENDS)
    return _kept(rng, split, lambda: word(rng, rng.choice([1, 2])).capitalize()) + rng.choice(
        [" Works", " Labs", " Farm", " Press", " Clinic", " School", ""])


def number(rng, split, low=2, high=9999):
    """Fewer digits more often. Training has all numbers of one digit, so few that what it lacked would be a hole."""
    while True:
        digits = rng.randint(len(str(low)), len(str(high)))
        text = str(rng.randint(max(low, 10 ** (digits - 1)), min(high, 10 ** digits - 1)))
        if split_of(text) == split or split == "train" and digits == 1:
            return text


def year(rng, split):
    return _kept(rng, split, lambda: str(rng.randint(1701, 2049)))


def clock(rng, split):
    return _kept(rng, split, lambda: f"{rng.randint(6, 22)}:{rng.choice(range(0, 60, 5)):02d}")


_MONTHS = "January February March April May June July August September October November December".split()


def date(rng, lang, split):
    def make():
        month, day = rng.randrange(12), rng.randint(1, 28)
        return f"{month + 1}月{day}日" if lang == "zh" else f"{day} {_MONTHS[month]}"
    return _kept(rng, split, make)


def code(rng, split):
    """Such as K7-402."""
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    return _kept(rng, split, lambda: rng.choice(letters) + rng.choice(["", rng.choice(letters), str(rng.randint(1, 9))])
                 + rng.choice(["-", "", "-"]) + str(rng.randint(10, 999)))


def identifier(rng, split):
    """A name in a program."""
    return _kept(rng, split, lambda: word(rng, rng.choice([1, 2])) + rng.choice(["", "", "_" + word(rng, 1)]))
