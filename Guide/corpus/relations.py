"""What an invented text can say of a person or a thing: a value, sentences that say it, questions that ask for it.

In every list the sixth entry is for validation and the seventh for the test (language.part); [a|b] is one or the other.
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
             (["{s} [|now |still ]lives in {v}.", "{s} has [a house|a home|a flat] in {v}.", "The [home|house|flat] of {s} is in {v}.",
               "{s} moved to {v} and [still |]lives there.", "{s} [has lived in {v} since spring|settled in {v}|stays in {v}].",
               "{s} has lived in {v} for years.", "{s} now lives in {v}."],
              ["Where [does {s} live|does {s} live now|is {s} living now|does {s} stay]?",
               "[In which|In what|Which] [town|place|city] [does {s} live in|is the home of {s}|does {s} stay in]?",
               "Where is the [home|house] of {s}?", "[Which|What] [town|place|city] does {s} [live in|stay in|live in now]?",
               "[What|Which] is the home [town|city|place] of {s}?", "In what place does {s} live?", "Where is {s} living?"]),
             (["{s}[|现在|一直]住在{v}。", "{s}的[家|房子]在{v}。", "{s}在{v}有一[所房子|个家]。", "{s}搬到了{v}[，一直住在那里|，现在住在那里]。",
               "{s}[在{v}定居|在{v}居住|多年前搬到了{v}]。", "{s}多年来住在{v}。", "{s}现在住在{v}。"],
              ["{s}[|现在|一直]住[在|]哪里？", "{s}的[家|房子]在[哪里|哪儿|什么地方]？", "{s}住在[哪个地方|哪儿|哪座城市]？", "{s}[|现在]在[哪里|哪儿|什么地方]居住？",
               "{s}家[在|住]哪儿？", "{s}住在什么地方？", "{s}现在住哪里？"])),
    Relation(("job", "职业"), PERSON, _choice(JOBS),
             (["{s} [works|worked for years|has worked] as a {v}.", "{s} is a {v}[| by trade].", "{s} [earns|makes] a living as a {v}.",
               "{s} [became|has become|trained as|wants to stay] a {v}.", "[By trade {s} is|In this town {s} is|The job of {s} is that of] a {v}.",
               "{s} has a job as a {v}.", "{s} has long worked as a {v}."],
              ["[What|Which] is the [job|trade|work] of {s}?", "What [does {s} do|kind of job does {s} have|work does {s} do] for a living?",
               "What does {s} work as[| now]?", "What is {s} by trade?", "[Which|What kind of|What] [job|trade] [does {s} have|has {s}]?",
               "What kind of work does {s} do?", "What job has {s}?"]),
             (["{s}是[一名|一位|]{v}。", "{s}的[职业|工作]是[|当]{v}。", "{s}[做|干]{v}的工作。", "{s}[当了|成了|一直当|做了多年]{v}。", "{s}靠[当|做]{v}谋生。",
               "{s}的工作是{v}。", "{s}一直是一名{v}。"],
              ["{s}的[职业|工作]是[什么|做什么]？", "{s}是[做|干]什么[的|工作的]？", "{s}[做|干]的是什么[|职业]？", "{s}靠[什么|做什么]谋生？", "{s}[是|做]什么[职业|工作]？",
               "{s}的工作是什么？", "{s}干的是什么工作？"])),
    Relation(("age", "年龄"), PERSON, lambda rng, lang, split: names.number(rng, split, 1 if split == "train" else 7, 98),
             (["{s} is [|now ]{v} years old.", "{s} [turned|became] {v} [this year|in spring].", "At [the age of |]{v}, {s} still likes to dance.",
               "{s} is [now|already] {v}.", "[{s} has reached the age of|The age of {s} is now|In years {s} counts] {v}.", "The age of {s} is {v}.",
               "This year {s} is {v} years old."],
              ["How old [is|has become] {s}[| this year]?", "What is the [age|present age] of {s}?", "[What|Which] age is {s}[| now]?",
               "How many years [old is|has|counts] {s}?", "[What|Which] age has {s}[| now]?", "Which age has {s} reached?", "How old is {s} now?"]),
             (["{s}今年[|已经]{v}岁。", "{s}[现在|已经|]{v}岁。", "{s}刚[满|到]{v}岁。", "{v}岁的{s}还喜欢[跳舞|唱歌]。", "{s}[已经{v}岁了|的年纪是{v}岁|年龄{v}岁]。",
               "{s}的年龄是{v}岁。", "今年{s}{v}岁了。"],
              ["{s}[|今年|现在]多大了？", "{s}[|现在|已经]几岁[|了]？", "{s}的[年龄|年纪]是[多少|多大]？", "{s}[今年|现在]多少岁？", "{s}[年龄多大|多少岁|年纪是多少]？", "{s}年纪多大？",
               "{s}今年几岁？"])),
    Relation(("born", "出生年份"), PERSON, lambda rng, lang, split: names.year(rng, split),
             (["{s} was born in [|the year ]{v}.", "{s} came into the world in {v}.", "The [year of birth|birth year] of {s} is {v}.",
               "Born in {v}, {s} [grew up in the country|likes the hills|came here early].", "In [the year |]{v} {s} [was born|came into the world].",
               "{s}, born in {v}, likes the sea.", "It was in {v} that {s} was born."],
              ["When [was {s} born|did {s} come into the world]?", "In [which|what] year was {s} born?", "[What|Which] is the [year of birth|birth year] of {s}?",
               "In [what|which] year did {s} come into the world?", "[What|Which] year [was {s} born in|did {s} come into the world]?",
               "What is the birth year of {s}?", "Which year was {s} born?"]),
             (["{s}出生于{v}年。", "{s}生于{v}年。", "{v}年，{s}[出生了|来到世上|出生]。", "{s}是[在|]{v}年出生的。", "{s}的[出生年份|生年]是{v}年。", "{s}在{v}年来到世上。",
               "{s}于{v}年出生。"],
              ["{s}是[哪年|哪一年|什么时候]出生的？", "{s}[哪一年|哪年|在哪年]出生？", "{s}的[出生年份|生年]是[什么|哪年|多少]？", "{s}[生于|出生于|出生在]哪一年？", "{s}什么时候[出生|来到世上]？",
               "{s}出生在哪年？", "{s}于哪年出生？"])),
    Relation(("phone", "电话"), PERSON, lambda rng, lang, split: names.number(rng, split, 1000, 99999),
             (["The [phone |telephone |]number of {s} is {v}.", "You can [call|reach|phone] {s} at {v}.", "{s} can be [reached|called] at {v}.",
               "[For {s}, dial|To reach {s}, call|Call {s} at|The phone of {s} is] {v}.", "{s} has the [number|phone number] {v}.",
               "Call {v} to reach {s}.", "{s} answers the phone at {v}."],
              ["What is the [phone|telephone] number of {s}?", "[What|Which] [number|phone number] does {s} have?", "How do I [call|reach|phone] {s}?",
               "At [which|what] number [is {s} reached|can I reach {s}|do I call {s}]?", "[Which|What] number do I [dial for|call for|call to reach] {s}?",
               "What is the number of {s}?", "At what number can I call {s}?"]),
             (["{s}的[电话|电话号码]是{v}。", "可以[拨打|打|拨]{v}找{s}。", "{s}的[号码|电话号码]是{v}。", "[找|联系]{s}请[拨|打]{v}。", "{s}的联系电话[为|是]{v}。", "拨{v}可以找到{s}。",
               "联系{s}请打{v}。"],
              ["{s}的[电话|电话号码|号码]是多少？", "{s}的[号码|电话]是什么？", "怎么打电话给{s}？", "[找|联系]{s}[拨|打]什么号码？", "{s}的[联系电话|联系号码]是[多少|什么]？",
               "{s}电话号码是多少？", "打哪个号码找{s}？"])),
    Relation(("pet", "宠物"), PERSON, _choice(ANIMALS),
             (["{s} [keeps|owns|takes care of|lives with] a {v}.", "{s} has a {v}[| at home| in the house].", "The [pet|animal] of {s} is a {v}.",
               "{s} loves the [old|young] {v} of the house.", "[At home {s} keeps|With {s} lives|The pet that {s} keeps is] a {v}.",
               "A {v} lives with {s}.", "{s} takes care of a {v}."],
              ["[What|Which] animal does {s} [keep|own|have|take care of]?", "[Which|What] pet does {s} [have|keep|own]?",
               "[What|Which] is the [pet|animal] of {s}?", "What [animal|pet] has {s}[| at home]?", "[Which|What] animal [lives with {s}|has {s}]?",
               "What pet has {s}?", "Which animal does {s} keep?"]),
             (["{s}养了[一只|]{v}。", "{s}[家里|]有[一只|]{v}。", "{s}的宠物是[一只|]{v}。", "{s}很喜欢自己的{v}。", "[{s}照顾一只|和{s}住在一起的是|{s}养的是|{s}有]{v}。",
               "一只{v}和{s}住在一起。", "{s}照顾着一只{v}。"],
              ["{s}养[|了|的是]什么动物？", "{s}的[宠物|动物]是什么？", "{s}有什么[宠物|动物]？", "{s}家里有什么[动物|宠物]？", "{s}[养什么|照顾着什么|和什么动物住在一起]？",
               "和{s}住在一起的动物是什么？", "{s}养的是什么？"])),
    Relation(("employer", "单位"), PERSON, names.company,
             (["{s} [works|has worked] for {v}[| for years].", "{s} is employed [at|by] {v}.", "The employer of {s} is {v}.",
               "{s} [took|has|found] a post at {v}.", "[{v} employs {s}|{v} gave {s} a post|On the staff of {v} is {s}].",
               "{s} is on the staff of {v}.", "{s} has worked for {v} since spring."],
              ["For [whom|which company] does {s} work?", "Where is {s} employed?", "[Who|Which company] is the employer of {s}?",
               "[Which|What] company does {s} work [for|at]?", "[Who|Which company] employs {s}[| now]?", "Where does {s} work?",
               "What company does {s} work for?"]),
             (["{s}[|一直]在{v}上班。", "{s}[|一直]为{v}工作。", "{s}的[单位|工作单位]是{v}。", "{s}受雇于{v}。", "[{v}雇用了{s}|{v}的员工里有{s}|{s}在{v}工作多年]。", "{s}是{v}的员工。",
               "{s}一直在{v}工作。"],
              ["{s}在[哪里|哪儿|哪家单位]上班？", "{s}[|现在]为谁工作？", "{s}的[单位|工作单位]是[什么|哪里]？", "{s}受雇于[谁|哪里|哪家单位]？", "[谁|哪家单位]雇用了{s}？",
               "{s}是哪里的员工？", "{s}在哪家单位工作？"])),
    Relation(("founded", "成立年份"), THING, lambda rng, lang, split: names.year(rng, split),
             (["{s} was founded in [|the year ]{v}.", "{s} [opened its doors|opened|began] in {v}.", "{s} has existed since {v}.",
               "The [founding year|year of founding] of {s} is {v}.", "In [the year |]{v} {s} was [set up|founded].", "{s} started in {v}.",
               "{s} was set up in {v}."],
              ["When was {s} [founded|set up]?", "In [which|what] year did {s} [open|start|begin]?", "Since when [does {s} exist|has {s} existed]?",
               "[What|Which] is the [founding year|year of founding] of {s}?", "[When did {s} begin|In which year was {s} set up|When did {s} open its doors]?",
               "When did {s} start?", "In what year was {s} founded?"]),
             (["{s}[成立|建立]于{v}年。", "{s}[创办|创立]于{v}年。", "{v}年，{s}[成立|建立|创办]。", "{s}从{v}年就[有了|开始了]。", "{s}在{v}年[开业|成立|创办]。", "{s}始于{v}年。",
               "{s}是{v}年成立的。"],
              ["{s}是[哪年|哪一年]成立的？", "{s}[什么时候|哪年]创办的？", "{s}[成立于|创办于|始于]哪一年？", "{s}哪[一|]年[开业|成立|开始]？", "{s}的成立[年份|时间]是[什么|哪年]？", "{s}始于哪年？",
               "{s}是什么时候成立的？"])),
    Relation(("place", "地点"), THING, names.place,
             (["{s} [stands|is located|lies] in {v}.", "{s} is [|now ]in {v}.", "{s} can be found in {v}.", "The [seat|place] of {s} is {v}.",
               "{s} has its [house|seat] in {v}.", "You find {s} in {v}.", "{s} is located in {v}."],
              ["Where [is|stands|lies] {s}?", "In which [place|city] is {s}[| located]?", "Where [can {s} be found|can I find {s}|is {s} to be found]?",
               "[What|Which] is the [seat|place] of {s}?", "[Where does {s} stand|In which town does {s} stand|In what town is {s}]?",
               "In which town is {s}?", "Where is {s} located?"]),
             (["{s}位于{v}。", "{s}[就|]在{v}。", "{s}坐落[在|于]{v}。", "{s}的[地点|位置]是{v}。", "{s}[设在|建在|地处]{v}。", "在{v}可以找到{s}。", "{s}地处{v}。"],
              ["{s}在[哪里|哪儿|什么地方]？", "{s}位于[哪里|哪儿|何处]？", "{s}的[地点|位置]是[什么|哪里]？", "{s}坐落在[哪里|哪儿]？", "[{s}设在什么地方|在什么地方能找到{s}|哪里可以找到{s}|{s}地处什么地方]？",
               "在哪里能找到{s}？", "{s}地处哪里？"])),
    Relation(("director", "负责人"), THING, names.person,
             (["{s} is [led|headed|run] by {v}.", "The [director|head|leader] of {s} is {v}.", "{v} [runs|heads|leads] {s}.",
               "{v} is the [head|director] of {s}.", "{v} has [led|run] {s} for years.", "{v} is in charge of {s}.", "At the head of {s} is {v}."],
              ["Who [leads|directs] {s}?", "Who is the [director|leader] of {s}?", "Who runs {s}[| now]?", "Who is [the head|at the head] of {s}?",
               "By whom is {s} [led|run|headed]?", "Who is in charge of {s}?", "Who heads {s}?"]),
             (["{s}由{v}[负责|领导|主管]。", "{s}的[负责人|领导]是{v}。", "{v}[管理|负责|领导]{s}。", "{v}是{s}的[主管|负责人]。", "{v}[多年来|一直]领导{s}。", "负责{s}的是{v}。",
               "{s}由{v}管理。"],
              ["谁[在|]负责{s}？", "{s}的[负责人|领导]是谁？", "[谁|是谁在]管理{s}？", "{s}的主管是谁？", "[谁领导{s}|{s}由谁负责|管理{s}的是谁|领导{s}的是谁]？", "负责{s}的是谁？",
               "{s}由谁管理？"])),
    Relation(("price", "价格"), THING, _money,
             (["A ticket for {s} costs {v}.", "{s} [takes|asks] {v} for a visit.", "A visit to {s} costs {v}.", "The [price|charge] at {s} is {v}.",
               "You pay {v} [at|for] {s}.", "{s} charges {v}.", "The price of {s} is {v}."],
              ["What is the [price|charge] at {s}?", "How much does {s} [cost|take|ask]?", "What does a [visit to|ticket for] {s} cost?",
               "[How much|What] do I pay at {s}?", "[How much does {s} charge|What does {s} ask|What does {s} cost|How much is a ticket for {s}]?",
               "How much is a visit to {s}?", "What is the price of {s}?"]),
             (["{s}的[门票|票]是{v}。", "去{s}要[花|付]{v}。", "{s}[收费|收]{v}。", "{s}的[价格|票价]是{v}。", "在{s}要[付|花]{v}。", "参观{s}需要{v}。", "{s}的票价为{v}。"],
              ["{s}的[门票|票]多少钱？", "去{s}要[花|付]多少钱？", "{s}收费多少？", "{s}的[价格|票价]是多少？", "[在{s}要付多少钱|去{s}需要多少钱|参观{s}要花多少钱|{s}的票价多少]？", "参观{s}需要多少钱？",
               "{s}票价多少？"])),
    Relation(("opens", "开门时间"), THING, lambda rng, lang, split: names.clock(rng, split),
             (["{s} opens [|its doors ]at {v}.", "The doors of {s} open at {v}.", "From {v} on {s} is open.", "{s} starts the day at {v}.",
               "{s} is open from {v}[| every day].", "Every day {s} opens at {v}.", "At {v} {s} opens."],
              ["When [does {s} open|is {s} open]?", "At [what|which] time does {s} [open|start the day]?", "From when [on |]is {s} open?",
               "At which hour [does {s} open|do the doors of {s} open]?", "[When do the doors of {s} open|Which is the opening time of {s}|What is the opening hour of {s}]?",
               "What is the opening time of {s}?", "At what hour does {s} open?"]),
             (["{s}[每天|]{v}开门。", "{s}在{v}[开放|开门]。", "从{v}起{s}[开门|开放]。", "{s}每天{v}[开门|开放]。", "{s}的[开门时间|开放时间]是{v}。", "{v}，{s}就开门了。",
               "{s}于{v}开门。"],
              ["{s}[|每天]几点[开门|开放]？", "{s}什么时候[开门|开放]？", "{s}的[开门|开放]时间是[什么|几点]？", "{s}[从|]几点[开放|起开门]？", "{s}[每天几点开门|何时开放|几时开放|每天什么时候开门]？",
               "{s}何时开门？", "{s}几时开门？"])),
    Relation(("colour", "颜色"), THING, _choice(COLOURS),
             (["The [door|roof] of {s} is {v}.", "{s} has {v} [walls|doors].", "{s} is painted {v}.", "The [house|colour] of {s} is [|a fresh ]{v}.",
               "The [sign|front] of {s} [is|shows itself in] {v}.", "{s} shows itself in {v}.", "The colour of {s} is {v}."],
              ["What colour [is {s}|is {s} painted]?", "[Which|What] colour does {s} [have|show]?", "In [which|what] colour is {s} painted?",
               "[What|Which] is the colour of {s}?", "[Which colour has {s}|What is the colour at the front of {s}|What colour does one see at {s}]?",
               "Which colour is {s}?", "What is the colour at {s}?"]),
             (["{s}的[门|屋顶]是{v}的。", "{s}的墙是{v}的。", "{s}漆成了{v}。", "{s}的颜色[是|为]{v}。", "{s}的[招牌|房子]是{v}的。", "{s}以{v}为主。", "{s}是{v}的。"],
              ["{s}是[什么|哪种]颜色[|的]？", "{s}的颜色是[什么|哪种]？", "{s}漆成了什么颜色？", "{s}[用的|]是哪[种|个]颜色？", "{s}[用什么颜色|主要是什么颜色|以哪种颜色为主]？", "{s}以什么颜色为主？",
               "{s}什么颜色？"])),
    Relation(("code", "编号"), THING, lambda rng, lang, split: names.code(rng, split),
             (["The code of {s} is {v}.", "{s} is listed under [|the code ]{v}.", "{s} has the [number|code] {v} in the register.",
               "The register calls {s} {v}.", "[In the files {s} is|{s} goes by|The register has {s} as] {v}.", "{s} goes by the code {v}.",
               "{s} carries the code {v}."],
              ["[What|Which] is the code of {s}?", "Under [which|what] code is {s} listed?", "[What|Which] [number|code] has {s} in the register?",
               "What does the register call {s}?", "[Which code has {s}|Which code does {s} carry|By which code does {s} go]?", "By what code does {s} go?",
               "What code does {s} carry?"]),
             (["{s}的编号是{v}。", "{s}登记[为|的是]{v}。", "{s}在名册里[是|的编号为]{v}。", "{s}的[代码|代号][为|是]{v}。", "档案中{s}的编号是{v}。", "{s}用{v}作编号。", "{s}编号为{v}。"],
              ["{s}的编号是[什么|多少]？", "{s}登记[为|的是]什么？", "{s}的[代码|代号]是[什么|多少]？", "{s}在名册里是什么编号？", "[档案中{s}的编号是什么|{s}编号是什么|{s}以什么作编号|{s}的编号用什么]？",
               "{s}用什么编号？", "{s}编号是多少？"])),
]

# Relations that nobody has ever heard of, for training: what a sentence says of its subject is to be found by the words that
# the question shares with it, whether or not these are known.
_UNHEARD = {
    "en": (["The {w} of {s} is {v}.", "{s} has the {w} {v}.", "For {s} the {w} is {v}.", "{v} is the {w} of {s}.", "As {w} {s} has {v}.",
            "{s} got {v} as {w}.", "{w} of {s}: {v}.", "{v}: that is the {w} of {s}.", "With {v} as {w}, {s} is content.", "{v} was given to {s} as {w}.",
            "It is {v} that {s} has as {w}.", "The {w} {v} belongs to {s}.", "One finds {v} under {w} for {s}.", "{v} is what {s} has for {w}."],
           ["What is the {w} of {s}?", "Which {w} has {s}?", "What {w} does {s} have?", "Tell me the {w} of {s}.", "{w} of {s}?",
            "And what {w} did {s} get?", "What does {s} have as {w}?"]),
    "zh": (["{s}的{w}是{v}。", "{s}的{w}为{v}。", "{v}是{s}的{w}。", "{w}方面，{s}是{v}。", "{s}以{v}为{w}。", "{s}，{w}{v}。", "{v}就是{s}的{w}。", "把{v}作为{w}的是{s}。", "有{v}这个{w}的是{s}。", "{w}{v}属于{s}。", "{v}给了{s}作{w}。",
            "以{v}为{w}，{s}很满意。", "{w}一栏写着{v}的是{s}。"],
           ["{s}的{w}是什么？", "{s}有什么{w}？", "告诉我{s}的{w}。", "什么是{s}的{w}？", "{s}的{w}呢？", "{s}以什么为{w}？"])}
_SIGNS = "级项目号位度层类格源署档组区量率值期季码段型式面线点轮环座席卷册页栏柜箱架"


def unheard(rng, lang, split, of):
    word = "".join(rng.sample(_SIGNS, 2)) if lang == "zh" else names.word(rng, rng.choice([1, 2]))
    value = rng.choice([names.place, names.person, names.company, lambda rng, lang, split: names.code(rng, split),
                        lambda rng, lang, split: names.number(rng, split), lambda rng, lang, split: names.clock(rng, split)])
    says, asks = ([way.replace("{w}", word) for way in ways] for ways in _UNHEARD[lang])
    # Fewer than seven, so that `part` leaves them whole.
    says, asks = rng.sample(says, 3), rng.sample(asks, 3)
    return Relation((word, word), of, value, (says, asks), (says, asks))


SUBJECT = {PERSON: names.person, THING: names.company}
