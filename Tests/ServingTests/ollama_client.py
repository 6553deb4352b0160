"""Runs the official `ollama` client against a server with the scripted agent: ollama_client.py BASE_URL MODEL TOPIC…

Each topic is a function here. Ends with exit code 0 when all that was asked for held.
"""
import json
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


def raises(action):
    try:
        action()
    except ollama.ResponseError as error:
        return error
    raise AssertionError("no error")


def variants():
    """Against a model that says as JSON what its worker was asked."""

    def job(name, **wanted):
        return json.loads(client.chat(name, messages=question, **wanted).message.content)

    def names():
        return [m.model for m in client.list().models]

    examples = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Arr"}]
    parameters = {"temperature": 0.25, "stop": ["END", "FIN"], "num_predict": 9, "num_ctx": 64}
    lines = client.create("pirate", from_=model, system="A pirate.", parameters=parameters, messages=examples, license=["MIT", "Other"], stream=True)
    states = [line.status for line in lines]
    assert states[-1] == "success" and len(states) > 1, states
    asked = job("pirate")
    assert asked["messages"] == [{"role": "system", "content": "A pirate."}, *examples, *question], asked
    assert (asked["temperature"], asked["stop"], asked["max_tokens"]) == (0.25, ["END", "FIN"], 9), asked
    asked = job("pirate", options={"temperature": 1, "stop": [], "num_predict": -1})
    assert (asked["temperature"], asked["stop"]) == (1, []) and asked["max_tokens"] > 9, asked
    assert client.chat("pirate:latest", messages=question).model == "pirate:latest"
    assert client.generate("pirate").done_reason == "load"

    shown = client.show("pirate")
    assert shown.parameters.splitlines()[:2] == [f"{'temperature':30} 0.25", f"{'stop':30} \"END\""], shown.parameters
    assert shown.details.parent_model == model and shown.license == "MIT\nOther"
    assert shown.modelfile.startswith(f"FROM {model}\nPARAMETER temperature 0.25\n") and 'SYSTEM """A pirate."""' in shown.modelfile
    assert names() == [model, "pirate"] == [m.model for m in client.ps().models]

    # Made from a variant: what it was then.
    assert client.create("loud", from_="pirate:latest", parameters=ollama.Options(temperature=0.5, num_thread=4)).status == "success"
    assert client.copy("loud", "me/parrot:v2").status == "success"
    client.create("pirate", from_=model, system="Another.")
    assert job("pirate")["messages"][0]["content"] == "Another." and "temperature" not in job("pirate")
    asked = job("me/parrot:v2")
    assert asked["messages"][0]["content"] == "A pirate." and (asked["temperature"], asked["max_tokens"]) == (0.5, 9), asked
    assert client.show("me/parrot:v2").details.parent_model == model
    assert names() == [model, "loud", "me/parrot:v2", "pirate"]
    for name in ("loud:latest", "me/parrot:v2"):
        assert client.delete(name).status == "success"
    assert names() == [model, "pirate"] and raises(lambda: client.chat("loud", messages=question)).status_code == 404

    for name in (model, "pirate", "pirate:latest"):
        assert client.pull(name).status == "success"
    assert [line.status for line in client.pull(model, stream=True)][-1] == "success"
    error = raises(lambda: client.pull("llama9"))
    assert error.status_code == 404 and "hadal serve" in error.error, error
    assert raises(lambda: list(client.pull("llama9", stream=True))).status_code == 404
    assert raises(lambda: client.push("pirate")).status_code == 501
    for action, status, word in (
        (lambda: client.create("x", from_="llama9"), 404, "llama9"), (lambda: client.create("x"), 400, "from"),
        (lambda: client.create(model, from_="pirate"), 400, model), (lambda: client.copy("pirate", model + ":latest"), 400, model),
        (lambda: client.copy("llama9", "x"), 404, "llama9"), (lambda: client.delete(model), 400, model),
        (lambda: client.delete("llama9"), 404, "llama9"), (lambda: client.create("../x", from_=model), 400, "model"),
        (lambda: client.create("x", files={"a.gguf": "sha256:0"}), 400, "files"),
        (lambda: client.create("x", from_=model, adapters={"a": "sha256:0"}), 400, "adapters"),
        (lambda: client.create("x", from_=model, template="{{ .Prompt }}"), 400, "template"),
        (lambda: client.create("x", from_=model, quantize="q4_K_M"), 400, "quantize"),
        (lambda: client.create("x", from_=model, parameters={"warmth": 1}), 400, "parameters.warmth"),
        (lambda: client.create("x", from_=model, parameters={"temperature": 9}), 400, "parameters.temperature"),
    ):
        error = raises(action)
        assert error.status_code == status and word in error.error, (status, word, error)
    assert names() == [model, "pirate"]


def errors():
    assert raises(lambda: client.chat("llama9", messages=question)).status_code == 404
    assert raises(lambda: client.chat(model, messages=question, options={"temperature": 9})).status_code == 400
    error = raises(lambda: client.push(model))
    assert error.status_code == 501 and "hadal pull" in error.error, error
    assert "images" in raises(lambda: client.chat(model, messages=[{"role": "user", "content": "", "images": [b"x"]}])).error


for topic in sys.argv[3:]:
    globals()[topic]()
    print("ok", topic, flush=True)
