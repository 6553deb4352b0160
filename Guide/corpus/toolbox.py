"""The tools that are offered: names for each, what they do, their parameters, how people ask, what comes back.

A parameter is (names it may have, type, kind of value). In asks and answers {0}, {1} are the values, {r} the result.
"""

import names

LANGUAGES = {"en": ["French", "German", "Spanish", "Italian", "Japanese", "Korean"], "zh": ["法语", "德语", "西班牙语", "意大利语", "日语", "韩语"]}
MONEY = {"en": ["euros", "dollars", "yen", "pounds", "francs"], "zh": ["欧元", "美元", "日元", "英镑", "法郎"]}
WEATHER = {"en": ["sunny", "rainy", "cloudy", "windy", "snowy"], "zh": ["晴", "雨", "多云", "大风", "下雪"]}
NOTES = {"en": ["I am late", "the door is open", "dinner is ready", "call me back", "the train has left", "bring the keys", "see you soon"],
         "zh": ["我迟到了", "门开着", "饭好了", "给我回电话", "火车开了", "带上钥匙", "一会儿见"]}

VALUES = {
    "place": names.place, "person": names.person, "company": names.company, "date": names.date,
    "clock": lambda rng, lang, split: names.clock(rng, split), "code": lambda rng, lang, split: names.code(rng, split),
    "number": lambda rng, lang, split: names.number(rng, split, 2, 999), "few": lambda rng, lang, split: str(rng.randint(2, 12)),
    "word": names.place,
    "language": lambda rng, lang, split: rng.choice(LANGUAGES[lang]), "money": lambda rng, lang, split: rng.choice(MONEY[lang]),
    "weather": lambda rng, lang, split: rng.choice(WEATHER[lang]), "note": lambda rng, lang, split: rng.choice(NOTES[lang]),
}


class Tool:
    def __init__(self, names, does, parameters, asks, result, answer):
        self.names = names.split()
        self.does = dict(zip(("en", "zh"), does))
        self.parameters = parameters
        self.asks = dict(zip(("en", "zh"), asks))
        self.result = result  # (key, kind of value)
        self.answer = dict(zip(("en", "zh"), answer))


STRING, INTEGER = "string", "integer"

TOOLS = [
    Tool("get_weather weather_now look_up_weather", ("The weather of a place", "查询一个地方的天气"), [("city place location", STRING, "place")],
         (["What is the weather in {0}?", "How is the weather in {0}?", "Tell me the weather of {0}.", "Weather in {0}, please.",
           "Is it nice outside in {0}?", "Please look up the weather for {0}.", "What weather do they have in {0}?"],
          ["{0}的天气怎么样？", "查一下{0}的天气。", "告诉我{0}的天气。", "{0}天气如何？", "{0}外面天气好吗？", "请查询{0}的天气。", "{0}现在什么天气？"]),
         ("weather", "weather"), ("The weather in {0}: {r}.", "{0}的天气：{r}。")),
    Tool("set_alarm alarm wake_up", ("Set an alarm", "设置闹钟"), [("time at hour", STRING, "clock")],
         (["Set an alarm for {0}.", "Wake me at {0}.", "Please set my alarm to {0}.", "I must get up at {0}.", "Alarm at {0}, please.",
           "Can you wake me up at {0}?", "I need an alarm at {0}."],
          ["设一个{0}的闹钟。", "{0}叫醒我。", "请把闹钟设到{0}。", "我要在{0}起床。", "闹钟{0}。", "能在{0}叫我起床吗？", "我需要{0}的闹钟。"]),
         ("status", None), ("The alarm for {0} is set.", "{0}的闹钟已设好。")),
    Tool("send_message send_text message", ("Send a message to a person", "给某人发消息"),
         [("to person recipient", STRING, "person"), ("text message body", STRING, "note")],
         (["Send {0} a message: {1}.", "Tell {0} by message: {1}.", "Write to {0}: {1}.", "Message {0} this: {1}.", "Text {0}: {1}.",
           "Please send {0} this message: {1}.", "Send this to {0}: {1}."],
          ["给{0}发消息：{1}。", "发消息告诉{0}：{1}。", "写给{0}：{1}。", "发给{0}：{1}。", "通知{0}：{1}。", "请给{0}发这条消息：{1}。", "把这句话发给{0}：{1}。"]),
         ("status", None), ("The message to {0} is sent.", "给{0}的消息已发送。")),
    Tool("convert_money exchange currency_convert", ("Convert an amount of money", "换算货币"),
         [("amount value sum", INTEGER, "number"), ("currency target_currency to", STRING, "money")],
         (["Convert {0} to {1}.", "How much is {0} in {1}?", "Change {0} into {1}.", "What is {0} in {1}?", "Exchange {0} for {1}.",
           "Please convert {0} into {1}.", "I have {0}, what is that in {1}?"],
          ["把{0}换成{1}。", "{0}是多少{1}？", "将{0}兑换为{1}。", "{0}等于多少{1}？", "用{0}兑换{1}。", "请把{0}兑换成{1}。", "我有{0}，换成{1}是多少？"]),
         ("amount", "number"), ("That makes {r} {1}.", "合{r}{1}。")),
    Tool("find_order order_status track_order", ("Where an order is", "查询订单状态"), [("order order_id code", STRING, "code")],
         (["Where is my order {0}?", "Track order {0}.", "What is the status of order {0}?", "Has order {0} left?", "Find the order {0}.",
           "Please check order {0}.", "Can you look up my order {0}?"],
          ["我的订单{0}在哪里？", "跟踪订单{0}。", "订单{0}的状态是什么？", "订单{0}发出了吗？", "查找订单{0}。", "请查一下订单{0}。", "能查我的订单{0}吗？"]),
         ("place", "place"), ("Order {0} is in {r}.", "订单{0}在{r}。")),
    Tool("book_table reserve_table table_booking", ("Book a table in a restaurant", "预订餐桌"),
         [("people guests count", INTEGER, "few"), ("time at when", STRING, "clock")],
         (["Book a table for {0} at {1}.", "Reserve a table for {0} people at {1}.", "A table for {0}, {1}.", "We are {0}, book a table at {1}.",
           "I want a table for {0} at {1}.", "Please reserve a table for {0} at {1}.", "Can you book a table for {0} people at {1}?"],
          ["订一张{0}人的桌子，{1}。", "预订{1}的{0}人桌。", "{0}位，{1}，订桌。", "我们{0}个人，订{1}的桌子。", "我要{1}的{0}人餐桌。", "请预订{0}人桌，{1}。",
           "能订一张{1}的{0}人桌吗？"]),
         ("status", None), ("A table for {0} at {1} is booked.", "已预订{1}的{0}人桌。")),
    Tool("translate_word translate translation", ("Translate a word into another language", "把词语翻译成另一种语言"),
         [("word text source", STRING, "word"), ("language target target_language", STRING, "language")],
         (["Translate {0} into {1}.", "What is {0} in {1}?", "How do you say {0} in {1}?", "{0} in {1}, please.", "Put {0} into {1}.",
           "Please translate {0} to {1}.", "Give me {0} in {1}."],
          ["把{0}翻译成{1}。", "{0}用{1}怎么说？", "{0}的{1}是什么？", "将{0}译为{1}。", "{0}，译成{1}。", "请把{0}译成{1}。", "{0}用{1}怎么讲？"]),
         ("translation", "word"), ("In {1} it is {r}.", "{1}是{r}。")),
    Tool("search_files find_file file_search", ("Search for files by name", "按名字搜索文件"), [("name query pattern", STRING, "word")],
         (["Find the file {0}.", "Search for {0} among the files.", "Which files are called {0}?", "Look for a file named {0}.", "Where is the file {0}?",
           "Please find the file named {0}.", "Search my files for {0}."],
          ["查找文件{0}。", "在文件里搜索{0}。", "哪些文件叫{0}？", "找一个名为{0}的文件。", "文件{0}在哪里？", "请找到名为{0}的文件。", "在我的文件中搜索{0}。"]),
         ("folder", "word"), ("The file is in {r}.", "文件在{r}。")),
    Tool("add_event create_event calendar_add", ("Put an event into the calendar", "在日历里添加事件"),
         [("person with guest", STRING, "person"), ("date day on", STRING, "date")],
         (["Put a meeting with {0} on {1} into my calendar.", "Add a meeting with {0} on {1}.", "I meet {0} on {1}, note it.",
           "Plan a meeting with {0} for {1}.", "On {1} I see {0}, add it to the calendar.", "Please add a meeting with {0} for {1}.",
           "Note a meeting with {0} on {1}."],
          ["在日历里添加{1}和{0}的会面。", "添加{1}与{0}的会议。", "我{1}见{0}，记下来。", "安排{1}和{0}开会。", "{1}要见{0}，加到日历。", "请添加{1}与{0}的会面。",
           "记下{1}和{0}的会议。"]),
         ("status", None), ("The meeting with {0} on {1} is noted.", "已记下{1}与{0}的会面。")),
    Tool("find_phone phone_book get_number", ("The phone number of a person", "查询某人的电话号码"), [("person name who", STRING, "person")],
         (["What is the phone number of {0}?", "Find the number of {0}.", "How do I call {0}?", "Give me the phone number of {0}.",
           "Look up the phone of {0}.", "Please find the phone number of {0}.", "I need the number of {0}."],
          ["{0}的电话号码是多少？", "查{0}的号码。", "怎么打电话给{0}？", "给我{0}的电话号码。", "查一下{0}的电话。", "请查找{0}的电话号码。", "我需要{0}的号码。"]),
         ("number", "number"), ("The number of {0} is {r}.", "{0}的号码是{r}。")),
    Tool("stock_price get_stock share_price", ("The price of a company's share", "查询公司股价"), [("company name firm", STRING, "company")],
         (["What is the share price of {0}?", "How is the stock of {0}?", "Tell me the stock price of {0}.", "What does a share of {0} cost?",
           "Look up the stock of {0}.", "Please give me the share price of {0}.", "What is a share of {0} worth?"],
          ["{0}的股价是多少？", "{0}的股票怎么样？", "告诉我{0}的股价。", "{0}的股票多少钱？", "查一下{0}的股票。", "请给我{0}的股价。", "{0}的股票值多少？"]),
         ("price", "number"), ("A share of {0} costs {r}.", "{0}的股价是{r}。")),
    Tool("turn_light set_light light", ("Set the brightness of a room's light", "设置房间灯光亮度"),
         [("room place zone", STRING, "code"), ("level brightness percent", INTEGER, "few")],
         (["Set the light in room {0} to {1}.", "Light {1} in room {0}.", "Turn the light of room {0} to {1}.", "Make the light in room {0} {1}.",
           "In room {0} put the light to {1}.", "Please set the light of room {0} to {1}.", "Room {0}: light to {1}."],
          ["把{0}房间的灯调到{1}。", "{0}房间灯光{1}。", "将{0}房间的灯设为{1}。", "让{0}房间的灯变成{1}。", "{0}房间的灯调成{1}。", "请把{0}房间的灯设为{1}。",
           "{0}房间：灯调到{1}。"]),
         ("status", None), ("The light in room {0} is at {1}.", "{0}房间的灯已调到{1}。")),
    Tool("play_song play_music start_song", ("Play a song", "播放歌曲"), [("title song name", STRING, "word")],
         (["Play the song {0}.", "Put on {0}.", "I want to hear {0}.", "Start the song {0}.", "Let me hear {0}.", "Please play {0}.",
           "Play {0} for me."],
          ["播放歌曲{0}。", "放{0}。", "我想听{0}。", "开始播放{0}。", "让我听{0}。", "请播放{0}。", "给我放{0}。"]),
         ("status", None), ("Now playing {0}.", "正在播放{0}。")),
    Tool("plan_route route directions", ("The way from one place to another", "查询两地之间的路线"),
         [("from start origin", STRING, "place"), ("to end destination", STRING, "place")],
         (["How do I get from {0} to {1}?", "The way from {0} to {1}, please.", "Show me the route from {0} to {1}.", "I travel from {0} to {1}, which way?",
           "Plan a route from {0} to {1}.", "Please show the way from {0} to {1}.", "Find a route from {0} to {1}."],
          ["从{0}到{1}怎么走？", "{0}到{1}的路线。", "显示从{0}到{1}的路线。", "我从{0}去{1}，走哪条路？", "规划{0}到{1}的路线。", "请显示从{0}到{1}怎么走。",
           "查找{0}到{1}的路线。"]),
         ("minutes", "number"), ("From {0} to {1} it takes {r} minutes.", "从{0}到{1}要{r}分钟。")),
]
