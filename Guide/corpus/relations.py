"""What an invented text can say of a person or a thing: a value, sentences that say it, questions that ask for it.

In every list the sixth entry is for validation and the seventh for the test (language.part).
{s} is the subject, {v} the value. `key` is the field's name where the fact is asked for as JSON.
"""

import names

PERSON, THING = "person", "thing"

JOBS = {"en": "baker teacher pilot nurse tailor farmer painter driver gardener librarian carpenter singer doctor cook sailor clerk "
              "engineer potter barber guard".split(),
        "zh": "面包师 老师 飞行员 护士 裁缝 农民 画家 司机 园丁 图书管理员 木匠 歌手 医生 厨师 水手 职员 工程师 陶工 理发师 保安".split()}
COLOURS = {"en": "red blue green yellow white black brown grey orange purple pink silver".split(),
           "zh": "红色 蓝色 绿色 黄色 白色 黑色 棕色 灰色 橙色 紫色 粉色 银色".split()}
ANIMALS = {"en": "cat dog horse goat parrot rabbit turtle duck hamster donkey goose owl".split(),
           "zh": "猫 狗 马 山羊 鹦鹉 兔子 乌龟 鸭子 仓鼠 驴 鹅 猫头鹰".split()}


class Relation:
    def __init__(self, key, of, value, en, zh):
        self.key = {"en": key[0], "zh": key[1]}
        self.of, self.value = of, value
        self.says = {"en": en[0], "zh": zh[0]}
        self.asks = {"en": en[1], "zh": zh[1]}


def _choice(values):
    return lambda rng, lang, split: rng.choice(values[lang])


def _money(rng, lang, split):
    amount = names.number(rng, split, 2, 999)
    return f"{amount}元" if lang == "zh" else f"{amount} euros"


RELATIONS = [
    Relation(("city", "城市"), PERSON, names.place,
             (["{s} lives in {v}.", "{s} has a house in {v}.", "The home of {s} is in {v}.", "{s} moved to {v} and still lives there.",
               "{s} lives near the market of {v}.", "{s} has lived in {v} for years.", "{s} now lives in {v}."],
              ["Where does {s} live?", "In which town does {s} live?", "Where is the home of {s}?", "Which town does {s} live in?",
               "What is the home town of {s}?", "In what place does {s} live?", "Where is {s} living?"]),
             (["{s}住在{v}。", "{s}的家在{v}。", "{s}在{v}有一所房子。", "{s}搬到了{v}，一直住在那里。", "{s}住在{v}的集市旁边。", "{s}多年来住在{v}。",
               "{s}现在住在{v}。"],
              ["{s}住在哪里？", "{s}的家在哪里？", "{s}住在哪个地方？", "{s}在哪里居住？", "{s}家在哪儿？", "{s}住在什么地方？", "{s}现在住哪里？"])),
    Relation(("job", "职业"), PERSON, _choice(JOBS),
             (["{s} works as a {v}.", "{s} is a {v}.", "{s} earns a living as a {v}.", "{s} became a {v}.", "By trade {s} is a {v}.",
               "{s} has a job as a {v}.", "{s} has long worked as a {v}."],
              ["What is the job of {s}?", "What does {s} do for a living?", "What does {s} work as?", "What is {s} by trade?",
               "Which job does {s} have?", "What kind of work does {s} do?", "What job has {s}?"]),
             (["{s}是一名{v}。", "{s}的职业是{v}。", "{s}做{v}的工作。", "{s}当了{v}。", "{s}靠当{v}谋生。", "{s}的工作是{v}。", "{s}一直是一名{v}。"],
              ["{s}的职业是什么？", "{s}是做什么的？", "{s}做什么工作？", "{s}靠什么谋生？", "{s}是什么职业？", "{s}的工作是什么？", "{s}干的是什么工作？"])),
    Relation(("age", "年龄"), PERSON, lambda rng, lang, split: names.number(rng, split, 7, 98),
             (["{s} is {v} years old.", "{s} turned {v} this year.", "At {v}, {s} still likes to dance.", "{s} is now {v}.",
               "{s} has reached the age of {v}.", "The age of {s} is {v}.", "This year {s} is {v} years old."],
              ["How old is {s}?", "What is the age of {s}?", "What age is {s}?", "How many years old is {s}?", "What age has {s}?",
               "Which age has {s} reached?", "How old is {s} now?"]),
             (["{s}今年{v}岁。", "{s}{v}岁。", "{s}刚满{v}岁。", "{v}岁的{s}还喜欢跳舞。", "{s}已经{v}岁了。", "{s}的年龄是{v}岁。", "今年{s}{v}岁了。"],
              ["{s}多大了？", "{s}几岁？", "{s}的年龄是多少？", "{s}今年多少岁？", "{s}多少岁？", "{s}年纪多大？", "{s}今年几岁？"])),
    Relation(("born", "出生年份"), PERSON, lambda rng, lang, split: names.year(rng, split),
             (["{s} was born in {v}.", "{s} came into the world in {v}.", "The year of birth of {s} is {v}.", "Born in {v}, {s} grew up in the country.",
               "In {v} {s} was born.", "{s}, born in {v}, likes the sea.", "It was in {v} that {s} was born."],
              ["When was {s} born?", "In which year was {s} born?", "What is the year of birth of {s}?", "In what year did {s} come into the world?",
               "What year was {s} born in?", "What is the birth year of {s}?", "Which year was {s} born?"]),
             (["{s}出生于{v}年。", "{s}生于{v}年。", "{v}年，{s}出生了。", "{s}是{v}年出生的。", "{s}的出生年份是{v}年。", "{s}在{v}年来到世上。", "{s}于{v}年出生。"],
              ["{s}是哪年出生的？", "{s}哪一年出生？", "{s}的出生年份是什么？", "{s}生于哪一年？", "{s}什么时候出生？", "{s}出生在哪年？", "{s}于哪年出生？"])),
    Relation(("phone", "电话"), PERSON, lambda rng, lang, split: names.number(rng, split, 1000, 99999),
             (["The phone number of {s} is {v}.", "You can call {s} at {v}.", "{s} can be reached at {v}.", "For {s}, dial {v}.",
               "{s} has the number {v}.", "Call {v} to reach {s}.", "{s} answers the phone at {v}."],
              ["What is the phone number of {s}?", "What number does {s} have?", "How do I call {s}?", "At which number is {s} reached?",
               "Which number do I dial for {s}?", "What is the number of {s}?", "At what number can I call {s}?"]),
             (["{s}的电话是{v}。", "可以拨打{v}找{s}。", "{s}的号码是{v}。", "找{s}请拨{v}。", "{s}的联系电话为{v}。", "拨{v}可以找到{s}。", "联系{s}请打{v}。"],
              ["{s}的电话是多少？", "{s}的号码是什么？", "怎么打电话给{s}？", "找{s}拨什么号码？", "{s}的联系电话是多少？", "{s}电话号码是多少？", "打哪个号码找{s}？"])),
    Relation(("pet", "宠物"), PERSON, _choice(ANIMALS),
             (["{s} keeps a {v}.", "{s} has a {v} at home.", "The pet of {s} is a {v}.", "{s} loves the old {v} of the house.", "{s} owns a {v}.",
               "A {v} lives with {s}.", "{s} takes care of a {v}."],
              ["What animal does {s} keep?", "Which pet does {s} have?", "What is the pet of {s}?", "What animal does {s} own?",
               "Which animal lives with {s}?", "What pet has {s}?", "Which animal does {s} keep?"]),
             (["{s}养了一只{v}。", "{s}家里有一只{v}。", "{s}的宠物是{v}。", "{s}很喜欢自己的{v}。", "{s}有一只{v}。", "一只{v}和{s}住在一起。", "{s}照顾着一只{v}。"],
              ["{s}养什么动物？", "{s}的宠物是什么？", "{s}有什么宠物？", "{s}家里有什么动物？", "{s}养了什么？", "和{s}住在一起的动物是什么？", "{s}养的是什么？"])),
    Relation(("employer", "单位"), PERSON, names.company,
             (["{s} works for {v}.", "{s} is employed at {v}.", "The employer of {s} is {v}.", "{s} took a post at {v}.", "{v} employs {s}.",
               "{s} is on the staff of {v}.", "{s} has worked for {v} since spring."],
              ["For whom does {s} work?", "Where is {s} employed?", "Who is the employer of {s}?", "Which company does {s} work for?",
               "Who employs {s}?", "Where does {s} work?", "What company does {s} work for?"]),
             (["{s}在{v}上班。", "{s}为{v}工作。", "{s}的单位是{v}。", "{s}受雇于{v}。", "{v}雇用了{s}。", "{s}是{v}的员工。", "{s}一直在{v}工作。"],
              ["{s}在哪里上班？", "{s}为谁工作？", "{s}的单位是什么？", "{s}受雇于谁？", "谁雇用了{s}？", "{s}是哪里的员工？", "{s}在哪家单位工作？"])),
    Relation(("founded", "成立年份"), THING, lambda rng, lang, split: names.year(rng, split),
             (["{s} was founded in {v}.", "{s} opened its doors in {v}.", "{s} has existed since {v}.", "The founding year of {s} is {v}.",
               "In {v} {s} was set up.", "{s} started in {v}.", "{s} was set up in {v}."],
              ["When was {s} founded?", "In which year did {s} open?", "Since when does {s} exist?", "What is the founding year of {s}?",
               "When was {s} set up?", "When did {s} start?", "In what year was {s} founded?"]),
             (["{s}成立于{v}年。", "{s}创办于{v}年。", "{v}年，{s}成立。", "{s}从{v}年就有了。", "{s}在{v}年开业。", "{s}始于{v}年。", "{s}是{v}年成立的。"],
              ["{s}是哪年成立的？", "{s}什么时候创办的？", "{s}成立于哪一年？", "{s}哪年开业？", "{s}的成立年份是什么？", "{s}始于哪年？", "{s}是什么时候成立的？"])),
    Relation(("place", "地点"), THING, names.place,
             (["{s} stands in {v}.", "{s} is in {v}.", "{s} can be found in {v}.", "The seat of {s} is {v}.", "{s} has its house in {v}.",
               "You find {s} in {v}.", "{s} is located in {v}."],
              ["Where is {s}?", "In which place is {s}?", "Where can {s} be found?", "What is the seat of {s}?", "Where does {s} stand?",
               "In which town is {s}?", "Where is {s} located?"]),
             (["{s}位于{v}。", "{s}在{v}。", "{s}坐落在{v}。", "{s}的地点是{v}。", "{s}设在{v}。", "在{v}可以找到{s}。", "{s}地处{v}。"],
              ["{s}在哪里？", "{s}位于哪里？", "{s}的地点是什么？", "{s}坐落在哪里？", "{s}设在什么地方？", "在哪里能找到{s}？", "{s}地处哪里？"])),
    Relation(("director", "负责人"), THING, names.person,
             (["{s} is led by {v}.", "The director of {s} is {v}.", "{v} runs {s}.", "{v} is the head of {s}.", "{v} has led {s} for years.",
               "{v} is in charge of {s}.", "At the head of {s} is {v}."],
              ["Who leads {s}?", "Who is the director of {s}?", "Who runs {s}?", "Who is the head of {s}?", "By whom is {s} led?",
               "Who is in charge of {s}?", "Who heads {s}?"]),
             (["{s}由{v}负责。", "{s}的负责人是{v}。", "{v}管理{s}。", "{v}是{s}的主管。", "{v}多年来领导{s}。", "负责{s}的是{v}。", "{s}由{v}管理。"],
              ["谁负责{s}？", "{s}的负责人是谁？", "谁管理{s}？", "{s}的主管是谁？", "谁领导{s}？", "负责{s}的是谁？", "{s}由谁管理？"])),
    Relation(("price", "价格"), THING, _money,
             (["A ticket for {s} costs {v}.", "{s} takes {v} for a visit.", "A visit to {s} costs {v}.", "The price at {s} is {v}.",
               "You pay {v} at {s}.", "{s} charges {v}.", "The price of {s} is {v}."],
              ["What is the price at {s}?", "How much does {s} cost?", "What does a visit to {s} cost?", "How much do I pay at {s}?",
               "What does {s} charge?", "How much is a visit to {s}?", "What is the price of {s}?"]),
             (["{s}的门票是{v}。", "去{s}要花{v}。", "{s}收费{v}。", "{s}的价格是{v}。", "在{s}要付{v}。", "参观{s}需要{v}。", "{s}的票价为{v}。"],
              ["{s}的门票多少钱？", "去{s}要花多少钱？", "{s}收费多少？", "{s}的价格是多少？", "在{s}要付多少钱？", "参观{s}需要多少钱？", "{s}票价多少？"])),
    Relation(("opens", "开门时间"), THING, lambda rng, lang, split: names.clock(rng, split),
             (["{s} opens at {v}.", "The doors of {s} open at {v}.", "From {v} on {s} is open.", "{s} starts the day at {v}.",
               "{s} is open from {v}.", "Every day {s} opens at {v}.", "At {v} {s} opens."],
              ["When does {s} open?", "At what time does {s} open?", "From when is {s} open?", "At which hour does {s} open?",
               "When do the doors of {s} open?", "What is the opening time of {s}?", "At what hour does {s} open?"]),
             (["{s}{v}开门。", "{s}在{v}开放。", "从{v}起{s}开门。", "{s}每天{v}开门。", "{s}的开门时间是{v}。", "{v}，{s}就开门了。", "{s}于{v}开门。"],
              ["{s}几点开门？", "{s}什么时候开门？", "{s}的开门时间是什么？", "{s}从几点开放？", "{s}每天几点开门？", "{s}何时开门？", "{s}几时开门？"])),
    Relation(("colour", "颜色"), THING, _choice(COLOURS),
             (["The door of {s} is {v}.", "{s} has {v} walls.", "{s} is painted {v}.", "The house of {s} is {v}.", "The sign of {s} is {v}.",
               "{s} shows itself in {v}.", "The colour of {s} is {v}."],
              ["What colour is {s}?", "Which colour does {s} have?", "In which colour is {s} painted?", "What is the colour of {s}?",
               "What colour has {s}?", "Which colour is {s}?", "What is the colour at {s}?"]),
             (["{s}的门是{v}的。", "{s}的墙是{v}的。", "{s}漆成了{v}。", "{s}的颜色是{v}。", "{s}的招牌是{v}的。", "{s}以{v}为主。", "{s}是{v}的。"],
              ["{s}是什么颜色？", "{s}的颜色是什么？", "{s}漆成了什么颜色？", "{s}是哪种颜色？", "{s}用什么颜色？", "{s}以什么颜色为主？", "{s}什么颜色？"])),
    Relation(("code", "编号"), THING, lambda rng, lang, split: names.code(rng, split),
             (["The code of {s} is {v}.", "{s} is listed under {v}.", "{s} has the number {v} in the register.", "The register calls {s} {v}.",
               "In the files {s} is {v}.", "{s} goes by the code {v}.", "{s} carries the code {v}."],
              ["What is the code of {s}?", "Under which code is {s} listed?", "What number has {s} in the register?", "What does the register call {s}?",
               "Which code has {s}?", "By what code does {s} go?", "What code does {s} carry?"]),
             (["{s}的编号是{v}。", "{s}登记为{v}。", "{s}在名册里是{v}。", "{s}的代码为{v}。", "档案中{s}的编号是{v}。", "{s}用{v}作编号。", "{s}编号为{v}。"],
              ["{s}的编号是什么？", "{s}登记为什么？", "{s}的代码是什么？", "{s}在名册里是什么编号？", "档案中{s}的编号是什么？", "{s}用什么编号？", "{s}编号是多少？"])),
]

SUBJECT = {PERSON: names.person, THING: names.company}
