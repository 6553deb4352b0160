"""Runs the official `ollama` client against a server with the scripted agent: ollama_client.py BASE_URL MODEL TOPIC…

Each topic is a function here. Ends with exit code 0 when all that was asked for held.
"""
import sys
import ollama

client = ollama.Client(host=sys.argv[1])
model = sys.argv[2]
question = [{"role": "user", "content": "weather in Paris"}]


def get_weather(city: str) -> str:
    """Tells the weather.

    Args:
      city: where
    """
    return "sunny"


def models():
    (listed,) = client.list().models
    assert listed.model == model and listed.details.family == "scripted"
    assert [m.model for m in client.ps().models] == [model]
    shown = client.show(model)
    assert shown.modelinfo["scripted.context_length"] == 64 and "tools" in shown.capabilities
    assert client.show(model + ":latest").capabilities == shown.capabilities


def chat():
    answer = client.chat(model, messages=question, options={"temperature": 0, "seed": 3, "num_ctx": 64}, keep_alive="5m")
    assert (answer.message.role, answer.message.content, answer.done_reason) == ("assistant", "weather in Paris", "stop")
    assert (answer.prompt_eval_count, answer.eval_count) == (3, 3) and answer.done and answer.total_duration > 0
    lines = list(client.chat(model, messages=question, stream=True))
    assert "".join(line.message.content for line in lines) == "weather in Paris"
    assert [line.done for line in lines] == [False] * (len(lines) - 1) + [True]
    thought = client.chat(model, messages=question, think=True)
    assert (thought.message.thinking, thought.message.content) == ("Hm.", "weather in Paris")
    assert client.chat(model, messages=question, think="high").message.thinking == "Hm."
    assert client.chat(model, messages=question, options={"num_predict": 2}).done_reason == "length"
    assert client.chat(model, messages=[]).done_reason == "load"


def generate():
    answer = client.generate(model, prompt="one two", system="Echo.")
    assert (answer.response, answer.done_reason) == ("one two", "stop")
    assert "".join(line.response for line in client.generate(model, prompt="one two", stream=True)) == "one two"
    assert client.generate(model, prompt="one two", raw=True).response == "one two"
    assert client.generate(model, prompt="a", suffix="b").response == "[a|b]"
    assert client.generate(model).done_reason == "load"


def tools():
    answer = client.chat(model, messages=question, tools=[get_weather])
    (call,) = answer.message.tool_calls
    assert (call.function.name, call.function.arguments) == ("get_weather", {"city": "Paris"})
    result = {"role": "tool", "tool_name": "get_weather", "content": "sunny"}
    after = client.chat(model, messages=[*question, answer.message, result], tools=[get_weather])
    assert after.message.content == "It is sunny."
    lines = list(client.chat(model, messages=question, tools=[get_weather], think=True, stream=True))
    calls = [c for line in lines for c in line.message.tool_calls or []]
    assert [(c.function.name, c.function.arguments) for c in calls] == [("get_weather", {"city": "Paris"})]
    assert "".join(line.message.thinking or "" for line in lines) == "Hm."


def embeddings():
    answer = client.embed(model, input=["abc", "d"])
    assert [[round(x, 4) for x in v] for v in answer.embeddings] == [[3, 0.1, -2], [1, 0.1, -2]]
    assert round(client.embed(model, input="abc", dimensions=1).embeddings[0][0], 4) == 1
    assert round(client.embeddings(model, prompt="abc").embedding[0]) == 3


def errors():
    def raises(action):
        try:
            action()
        except ollama.ResponseError as error:
            return error
        raise AssertionError("no error")

    assert raises(lambda: client.chat("llama9", messages=question)).status_code == 404
    assert raises(lambda: client.chat(model, messages=question, options={"temperature": 9})).status_code == 400
    for action in (lambda: client.pull("x"), lambda: client.copy(model, "y"), lambda: client.delete(model)):
        error = raises(action)
        assert error.status_code == 501 and "model store" in error.error, error
    assert "images" in raises(lambda: client.chat(model, messages=[{"role": "user", "content": "", "images": [b"x"]}])).error


for topic in sys.argv[3:]:
    globals()[topic]()
    print("ok", topic, flush=True)
