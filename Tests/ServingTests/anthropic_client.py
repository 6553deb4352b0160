"""Runs the official `anthropic` client against a server with the scripted agent: anthropic_client.py BASE_URL MODEL TOPIC…

Each topic is a function here. Ends with exit code 0 when all that was asked for held.
"""
import sys
import anthropic

client = anthropic.Anthropic(base_url=sys.argv[1] + "/anthropic", api_key="none", max_retries=0, timeout=60)
model = sys.argv[2]
question = {"role": "user", "content": "weather in Paris"}
weather = {"name": "get_weather", "description": "Tells the weather.", "input_schema": {
    "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}


def create(messages=(question,), **arguments):
    return client.messages.create(**{"model": model, "max_tokens": 64, "messages": list(messages), **arguments})


def messages():
    answer = create(system="Echo.", metadata={"user_id": "u"}, stop_sequences=["never"], extra_body={"temperature": 0.5})
    assert (answer.type, answer.role, answer.model, answer.stop_reason) == ("message", "assistant", model, "end_turn")
    assert [(b.type, b.text) for b in answer.content] == [("text", "weather in Paris")]
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (3, 3)
    # The answer goes back as it came.
    again = create([question, {"role": "assistant", "content": answer.content}, {"role": "user", "content": [{"type": "text", "text": "so"}]}])
    assert again.content[0].text == "so"
    assert create([question, {"role": "assistant", "content": "It"}]).content[0].text == "on after It"
    assert create(max_tokens=2).stop_reason == "max_tokens"
    stopped = create(stop_sequences=[" in", "Paris"])
    assert (stopped.content[0].text, stopped.stop_reason, stopped.stop_sequence) == ("weather", "stop_sequence", " in")
    with client.messages.stream(model=model, max_tokens=64, messages=[question], stop_sequences=["Paris"]) as stream:
        last = stream.get_final_message()
    assert (last.content[0].text, last.stop_reason, last.stop_sequence) == ("weather in ", "stop_sequence", "Paris")
    root = anthropic.Anthropic(base_url=sys.argv[1], api_key="none", max_retries=0)
    assert root.messages.create(model=model, max_tokens=8, messages=[question]).content[0].text == "weather in Paris"
    assert client.messages.count_tokens(model=model, messages=[question], system="Echo.").input_tokens == 3


def thinking():
    answer = create(thinking={"type": "enabled", "budget_tokens": 1024}, max_tokens=2048)
    assert [b.type for b in answer.content] == ["thinking", "text"]
    assert answer.content[0].thinking == "Hm." and answer.content[0].signature
    assert [b.type for b in create(thinking={"type": "disabled"}).content] == ["text"]
    assert [b.type for b in create(output_config={"effort": "high"}).content] == ["thinking", "text"]


def stream():
    with client.messages.stream(model=model, max_tokens=64, messages=[question], thinking={"type": "enabled", "budget_tokens": 1024}) as stream:
        events = [event.type for event in stream]
        message = stream.get_final_message()
    assert events[0] == "message_start" and events[-1] == "message_stop" and "message_delta" in events
    assert events.count("content_block_start") == events.count("content_block_stop") == 2
    assert [b.type for b in message.content] == ["thinking", "text"]
    assert message.content[0].thinking == "Hm." and message.content[0].signature
    assert message.content[1].text == "weather in Paris" and message.stop_reason == "end_turn"
    assert (message.usage.input_tokens, message.usage.output_tokens) == (3, 4)


def tools():
    answer = create(tools=[weather])
    assert answer.stop_reason == "tool_use" and [b.type for b in answer.content] == ["text", "tool_use"]
    call = answer.content[1]
    assert (call.name, call.input) == ("get_weather", {"city": "Paris"}) and call.id.startswith("toolu_")
    assert (answer.usage.input_tokens, answer.usage.cache_read_input_tokens) == (3, 2)
    result = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": [{"type": "text", "text": "sunny"}]}]}
    after = create([question, {"role": "assistant", "content": answer.content}, result], tools=[weather])
    assert after.content[0].text == "It is sunny."
    thought = create(tools=[weather], thinking={"type": "enabled", "budget_tokens": 1024}, max_tokens=2048)
    assert [b.type for b in thought.content] == ["thinking", "text", "tool_use"]
    after = create([question, {"role": "assistant", "content": thought.content}, result], tools=[weather])
    assert after.content[0].text == "It is sunny. (Hm.)"
    assert [b.type for b in create(tools=[weather], tool_choice={"type": "any"}).content] == ["tool_use"]
    assert [b.type for b in create(tools=[weather], tool_choice={"type": "tool", "name": "get_weather"}).content] == ["tool_use"]
    assert [b.type for b in create(tools=[weather], tool_choice={"type": "none"}).content] == ["text"]


def tool_stream():
    clock = {"name": "get_time", "input_schema": {"type": "object", "properties": {}}}
    both = {"role": "user", "content": "both in Paris"}
    with client.messages.stream(model=model, max_tokens=64, messages=[both], tools=[weather, clock]) as stream:
        pieces = [e.partial_json for e in stream if e.type == "input_json"]
        message = stream.get_final_message()
    assert len(pieces) > 2, "the input comes in pieces"
    assert [b.type for b in message.content] == ["text", "tool_use", "tool_use"]
    assert [(b.name, b.input) for b in message.content[1:]] == [("get_weather", {"city": "Paris"}), ("get_time", {})]
    assert message.stop_reason == "tool_use" and message.usage.cache_read_input_tokens == 2


def errors():
    def raises(kind, **arguments):
        try:
            create(**arguments)
        except kind as error:
            return error.body["error"]
        raise AssertionError(f"{arguments} did not raise {kind.__name__}")

    assert raises(anthropic.BadRequestError, extra_body={"temperature": 3})["type"] == "invalid_request_error"
    assert raises(anthropic.BadRequestError, messages=[])["type"] == "invalid_request_error"
    assert "image" in raises(anthropic.BadRequestError, messages=[{"role": "user", "content": [{"type": "image", "source": {}}]}])["message"]
    assert raises(anthropic.NotFoundError, model="claude")["type"] == "not_found_error"
    assert raises(anthropic.BadRequestError, messages=[{"role": "user", "content": "w " * 65}])["type"] == "invalid_request_error"


for topic in sys.argv[3:]:
    globals()[topic]()
    print("ok", topic, flush=True)
