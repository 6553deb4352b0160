"""Runs the official `openai` client against a server: openai_client.py BASE_URL MODEL TOPIC…

Each topic is a function here. Ends with exit code 0 when all that was asked for held.
"""
import base64, json, struct, sys, threading
import openai

client = openai.OpenAI(base_url=sys.argv[1] + "/v1", api_key="none", max_retries=0, timeout=60)
model = sys.argv[2]
messages = [{"role": "system", "content": "Echo."}, {"role": "user", "content": "one two three"}]


def models():
    assert [m.id for m in client.models.list()] == [model]
    assert client.models.retrieve(model).owned_by == "hadal"


def chat():
    """Against the scripted model, which says the last message again."""
    answer = client.chat.completions.create(model=model, messages=messages, seed=7, user="u", metadata={"a": "b"})
    choice = answer.choices[0]
    assert (choice.message.role, choice.message.content, choice.finish_reason) == ("assistant", "one two three", "stop")
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (3, 3, 6)
    assert answer.system_fingerprint == "fp_scripted" and answer.object == "chat.completion"
    # The answer goes back as it came.
    again = client.chat.completions.create(model=model, messages=messages + [choice.message, {"role": "user", "content": "so"}])
    assert again.choices[0].message.content == "so"
    parts = [{"role": "user", "content": [{"type": "text", "text": "a part"}]}]
    assert client.chat.completions.create(model=model, messages=parts).choices[0].message.content == "a part"
    assert len(client.chat.completions.create(model=model, messages=messages, n=3).choices) == 3
    cut = client.chat.completions.create(model=model, messages=messages, max_completion_tokens=2)
    assert cut.choices[0].finish_reason == "length"


def reasoning():
    extra = {"thinking": {"type": "enabled"}}
    message = client.chat.completions.create(model=model, messages=messages, extra_body=extra).choices[0].message
    assert (message.reasoning_content, message.content) == ("Hm.", "one two three")
    deltas = [c.choices[0].delta for c in client.chat.completions.create(model=model, messages=messages, extra_body=extra, stream=True)]
    assert "".join(getattr(d, "reasoning_content", None) or "" for d in deltas) == "Hm."
    assert "".join(d.content or "" for d in deltas) == "one two three"


def chat_stream():
    chunks = list(client.chat.completions.create(model=model, messages=messages, stream=True, stream_options={"include_usage": True}))
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == "one two three"
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert chunks[-1].choices == [] and chunks[-1].usage.total_tokens == 6
    assert all(c.usage is None for c in chunks[:-1]) and len({c.id for c in chunks}) == 1
    with client.chat.completions.stream(model=model, messages=messages) as stream:
        assert stream.get_final_completion().choices[0].message.content == "one two three"


def resumable():
    ask = lambda stream: client.chat.completions.create(
        model=model, messages=messages, stream=stream, extra_headers={"Idempotency-Key": f"openai-{stream}"})
    streams = ["".join(c.choices[0].delta.content or "" for c in ask(True)) for _ in range(2)]
    assert streams == ["one two three"] * 2
    assert ask(False).id == ask(False).id


def log_probabilities():
    answer = client.chat.completions.create(model=model, messages=messages, logprobs=True, top_logprobs=2)
    content = answer.choices[0].logprobs.content
    assert [t.token for t in content] == ["one", " two", " three"] and content[0].logprob == -0.5
    assert bytes(content[1].bytes) == b" two" and len(content[0].top_logprobs) == 2
    old = client.completions.create(model=model, prompt="ab cd", logprobs=1).choices[0].logprobs
    assert old.tokens == ["ab", " cd"] and old.text_offset == [0, 2] and old.token_logprobs == [-0.5, -0.5]


def completions():
    answer = client.completions.create(model=model, prompt=["a b", "c"])
    assert [c.text for c in answer.choices] == ["a b", "c"] and answer.object == "text_completion"
    assert client.completions.create(model=model, prompt=[1, 2]).choices[0].text == "1 2"
    chunks = list(client.completions.create(model=model, prompt="a b c", stream=True, stream_options={"include_usage": True}))
    assert "".join(c.choices[0].text for c in chunks if c.choices) == "a b c" and chunks[-1].usage.completion_tokens == 3


def embeddings():
    # Without a format the client asks for base64 and decodes it itself.
    for format in ({}, {"encoding_format": "float"}):
        answer = client.embeddings.create(model=model, input=["abc", "d"], **format)
        assert [[round(x, 4) for x in e.embedding] for e in answer.data] == [[3, 0.1, -2], [1, 0.1, -2]]
    short = client.embeddings.create(model=model, input="abc", dimensions=2).data[0].embedding
    assert [round(x, 4) for x in short] == [round(x / 9.01 ** 0.5, 4) for x in (3, 0.1)]
    try:
        client.embeddings.create(model=model, input="abc", dimensions=4)
        raise AssertionError("4 of 3 numbers")
    except openai.BadRequestError as error:
        assert error.body["param"] == "dimensions"
    raw = client.embeddings.create(model=model, input="abc", encoding_format="base64").data[0].embedding
    if isinstance(raw, str): raw = struct.unpack("<3f", base64.b64decode(raw))
    assert round(raw[0]) == 3


def responses():
    answer = client.responses.create(model=model, input="one two three", instructions="Echo.", metadata={"a": "b"})
    assert (answer.output_text, answer.status, answer.object) == ("one two three", "completed", "response")
    assert answer.id.startswith("resp_") and answer.metadata == {"a": "b"} and answer.instructions == "Echo."
    assert (answer.usage.input_tokens, answer.usage.output_tokens, answer.usage.total_tokens) == (3, 3, 6)
    assert client.responses.retrieve(answer.id) == answer
    assert [i.content[0].text for i in client.responses.input_items.list(answer.id)] == ["one two three"]
    # Goes on with an answer as items, or by its name.
    turn = {"role": "user", "content": [{"type": "input_text", "text": "and on"}]}
    assert client.responses.create(model=model, input=[*answer.output, turn]).output_text == "and on"
    later = client.responses.create(model=model, input="so", previous_response_id=answer.id)
    assert later.output_text == "so" and later.previous_response_id == answer.id
    client.responses.delete(answer.id)
    for call in (lambda: client.responses.retrieve(answer.id), lambda: client.responses.create(model=model, input="so", previous_response_id=answer.id)):
        try: call()
        except openai.NotFoundError as error: assert error.code == "not_found"
        else: raise AssertionError("a deleted response is there")
    unstored = client.responses.create(model=model, input="a", store=False)
    try: client.responses.retrieve(unstored.id)
    except openai.NotFoundError: pass
    else: raise AssertionError("store=False was stored")
    cut = client.responses.create(model=model, input="one two three", max_output_tokens=2)
    assert cut.status == "incomplete" and cut.incomplete_details.reason == "max_output_tokens"
    thought = client.responses.create(model=model, input="a b", reasoning={"effort": "high"})
    assert [i.type for i in thought.output] == ["reasoning", "message"] and thought.output[0].content[0].text == "Hm."
    assert thought.usage.output_tokens_details.reasoning_tokens == 1
    assert [i.type for i in client.responses.create(model=model, input="a b", reasoning={"effort": "none"}).output] == ["message"]
    told = client.responses.create(model=model, input="a b", include=["message.output_text.logprobs"], top_logprobs=2)
    assert [t.token for t in told.output[0].content[0].logprobs] == ["a", " b"]


def response_stream():
    events = list(client.responses.create(model=model, input="one two", reasoning={"effort": "low"}, stream=True))
    assert [e.sequence_number for e in events] == list(range(len(events)))
    assert [e.type.removeprefix("response.") for e in events] == [
        "created", "in_progress", "output_item.added", "content_part.added", "reasoning_text.delta", "reasoning_text.done",
        "content_part.done", "output_item.done", "output_item.added", "content_part.added", "output_text.delta",
        "output_text.delta", "output_text.done", "content_part.done", "output_item.done", "completed"]
    assert client.responses.retrieve(events[-1].response.id) == events[-1].response
    with client.responses.stream(model=model, input="one two three") as stream:
        text = "".join(e.delta for e in stream if e.type == "response.output_text.delta")
        final = stream.get_final_response()
    assert text == final.output_text == "one two three" and final.usage.total_tokens == 6


def response_tools():
    flat = [{"type": "function", **t["function"]} for t in (weather, clock)]
    flat[1]["parameters"] = {"type": "object", "properties": {}}
    answer = client.responses.create(model=model, input="weather in Paris", tools=flat)
    assert [i.type for i in answer.output] == ["message", "function_call"]
    call = answer.output[1]
    assert (call.name, json.loads(call.arguments)) == ("get_weather", {"city": "Paris"})
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}
    after = client.responses.create(model=model, input=[{"role": "user", "content": "weather in Paris"}, *answer.output, result], tools=flat)
    assert after.output_text == "It is sunny."
    assert client.responses.create(model=model, input=[result], previous_response_id=answer.id, tools=flat).output_text == "It is sunny."
    named = client.responses.create(model=model, input="Rome", tools=flat, tool_choice={"type": "function", "name": "get_time"})
    assert [i.name for i in named.output] == ["get_time"]
    # Reasoning stays with the calls it led to.
    thought = client.responses.create(model=model, input="weather in Paris", tools=flat, reasoning={"effort": "high"})
    result["call_id"] = thought.output[-1].call_id
    assert client.responses.create(model=model, input=[*thought.output, result], tools=flat).output_text == "It is sunny. (Hm.)"
    events = [e for e in client.responses.create(model=model, input="both in Paris", tools=flat, stream=True)]
    assert [json.loads(e.arguments) for e in events if e.type == "response.function_call_arguments.done"] == [{"city": "Paris"}, {}]
    calls = [i for i in events[-1].response.output if i.type == "function_call"]
    assert [c.name for c in calls] == ["get_weather", "get_time"] and len({c.call_id for c in calls}) == 2


def batches():
    import time
    lines = [{"custom_id": f"r{i}", "method": "POST", "url": "/v1/chat/completions",
              "body": {"model": model if i != 2 else "gpt-9", "messages": [{"role": "user", "content": f"word {i}"}]}} for i in range(5)]
    text = "\n".join(json.dumps(line) for line in lines)
    file = client.files.create(file=("in.jsonl", text.encode()), purpose="batch")
    assert (file.filename, file.bytes, file.purpose) == ("in.jsonl", len(text), "batch")
    assert client.files.content(file.id).text == text and client.files.retrieve(file.id) == file
    batch = client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h", metadata={"a": "b"})
    deadline = time.monotonic() + 60
    while batch.status not in ("completed", "failed"):
        assert time.monotonic() < deadline, batch
        batch = client.batches.retrieve(batch.id)
    assert batch.status == "completed" and batch.metadata == {"a": "b"}, batch
    assert (batch.request_counts.total, batch.request_counts.completed, batch.request_counts.failed) == (5, 4, 1)
    output = [json.loads(line) for line in client.files.content(batch.output_file_id).text.splitlines()]
    assert {o["custom_id"]: o["response"]["body"]["choices"][0]["message"]["content"] for o in output} == {f"r{i}": f"word {i}" for i in (0, 1, 3, 4)}
    (wrong,) = [json.loads(line) for line in client.files.content(batch.error_file_id).text.splitlines()]
    assert wrong["custom_id"] == "r2" and wrong["response"]["status_code"] == 404
    assert [b.id for b in client.batches.list()] == [batch.id]
    assert {f.purpose for f in client.files.list()} == {"batch", "batch_output"}
    assert len(client.files.list(limit=1).data) == 1 and len(list(client.files.list(limit=1))) == 3
    broken = client.files.create(file=("b.jsonl", b'{"custom_id": "a"}\nno json'), purpose="batch")
    batch = client.batches.create(input_file_id=broken.id, endpoint="/v1/embeddings", completion_window="24h")
    while batch.status == "validating": batch = client.batches.retrieve(batch.id)
    assert batch.status == "failed" and [(e.line, e.param) for e in batch.errors.data] == [(1, "method"), (2, None)]
    client.files.delete(broken.id)
    try: client.files.retrieve(broken.id)
    except openai.NotFoundError: pass
    else: raise AssertionError("a deleted file is there")


def errors():
    def raises(kind, **arguments):
        try:
            client.chat.completions.create(**{"model": model, "messages": messages, **arguments})
        except kind as error:
            return error
        raise AssertionError(f"{arguments} did not raise {kind.__name__}")

    assert raises(openai.BadRequestError, temperature=9).param == "temperature"
    assert raises(openai.BadRequestError, messages=[]).param == "messages"
    assert raises(openai.BadRequestError, extra_body={"frobnicate": 1}).code == "unknown_field"
    tools = [{"type": "function", "function": {"name": "two words", "parameters": {}}}]
    assert raises(openai.BadRequestError, tools=tools).param == "tools[0].function.name"
    assert raises(openai.BadRequestError, messages=[{"role": "user", "content": "w " * 65}], stream=True).code == "context_length_exceeded"
    assert raises(openai.NotFoundError, model="gpt-9").code == "model_not_found"


weather = {"type": "function", "function": {
    "name": "get_weather", "description": "Tells the weather.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}
clock = {"type": "function", "function": {"name": "get_time"}}


def tools():
    """Against the scripted agent: it calls the first tool, or the one it has to, for the last word it was told."""
    def ask(text="weather in Paris", earlier=(), **arguments):
        arguments = {"tools": [weather, clock], **arguments}
        return client.chat.completions.create(model=model, messages=[*earlier, {"role": "user", "content": text}], **arguments).choices[0]

    choice = ask()
    assert choice.finish_reason == "tool_calls" and choice.message.content == "Let me look."
    (call,) = choice.message.tool_calls
    assert (call.type, call.function.name, json.loads(call.function.arguments)) == ("function", "get_weather", {"city": "Paris"})
    result = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
    question = {"role": "user", "content": "weather in Paris"}
    after = client.chat.completions.create(model=model, messages=[question, choice.message, result], tools=[weather])
    assert after.choices[0].message.content == "It is sunny." and after.choices[0].finish_reason == "stop"
    # The reasoning goes back with the call.
    thought = client.chat.completions.create(model=model, messages=[question], tools=[weather], extra_body={"thinking": {"type": "enabled"}}).choices[0].message
    assert thought.reasoning_content == "Hm."
    after = client.chat.completions.create(model=model, messages=[question, thought, result], tools=[weather])
    assert after.choices[0].message.content == "It is sunny. (Hm.)"
    assert len(ask("both in Rome").message.tool_calls) == 2
    assert len({c.id for c in ask("both in Rome").message.tool_calls}) == 2
    assert len(ask("both in Rome", parallel_tool_calls=False).message.tool_calls) == 1
    assert ask(tool_choice="none").message.tool_calls is None
    assert ask(tool_choice="required").message.content is None
    named = ask(tool_choice={"type": "function", "function": {"name": "get_time"}})
    assert named.message.tool_calls[0].function.name == "get_time"
    many = client.chat.completions.create(model=model, messages=[question], tools=[weather], n=2)
    assert [c.message.tool_calls[0].function.name for c in many.choices] == ["get_weather"] * 2


def tool_stream():
    question = [{"role": "user", "content": "both in Paris"}]
    chunks = list(client.chat.completions.create(model=model, messages=question, tools=[weather, clock], stream=True))
    pieces = [p for c in chunks for p in c.choices[0].delta.tool_calls or []]
    first = [p for p in pieces if p.id]
    assert [(p.index, p.type, p.function.name) for p in first] == [(0, "function", "get_weather"), (1, "function", "get_time")]
    assert "".join(p.function.arguments for p in pieces if p.index == 0) == '{"city": "Paris"}'
    assert len([p for p in pieces if p.index == 0]) > 2, "the arguments come in pieces"
    assert chunks[-1].choices[0].finish_reason == "tool_calls"
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == "Let me look."
    with client.chat.completions.stream(model=model, messages=question, tools=[weather, clock]) as stream:
        done = stream.get_final_completion().choices[0].message
    assert [c.function.name for c in done.tool_calls] == ["get_weather", "get_time"]


def prefix_and_gaps():
    """DeepSeek's beta: a message that is gone on with, and a gap that is filled."""
    beta = openai.OpenAI(base_url=sys.argv[1] + "/beta", api_key="none", max_retries=0, timeout=60)
    begun = [{"role": "user", "content": "code"}, {"role": "assistant", "content": "```python", "prefix": True}]
    answer = beta.chat.completions.create(model=model, messages=begun, stop=["```"])
    assert answer.choices[0].message.content == "on after ```python"
    filled = beta.completions.create(model=model, prompt="def f():", suffix="return x", max_tokens=8)
    assert filled.choices[0].text == "[def f():|return x]"
    echoed = client.completions.create(model=model, prompt="a b ", echo=True)
    assert echoed.choices[0].text == "a b a b"
    streamed = client.completions.create(model=model, prompt="a b ", echo=True, stream=True)
    assert "".join(c.choices[0].text for c in streamed) == "a b a b"
    raw = client.chat.completions.with_raw_response.create(model=model, messages=messages, service_tier="default")
    assert raw.headers["x-hadal-warning"] == "ignored: service_tier"
    effort = client.chat.completions.create(model=model, messages=messages, reasoning_effort="low").choices[0].message
    assert effort.reasoning_content == "Hm."
    assert not hasattr(client.chat.completions.create(model=model, messages=messages, reasoning_effort="none").choices[0].message, "reasoning_content")


def tokens():
    root = openai.OpenAI(base_url=sys.argv[1], api_key="none", max_retries=0)
    answer = root.post("/tokenize", cast_to=object, body={"model": model, "prompt": "a b", "return_token_strs": True})
    assert answer == {"count": 2, "max_model_len": 64, "tokens": [0, 1], "token_strs": ["a", "b"]}, answer
    assert root.post("/tokenize", cast_to=object, body={"model": model, "messages": messages})["count"] == 3
    assert root.post("/detokenize", cast_to=object, body={"model": model, "tokens": [4, 5]}) == {"prompt": "4 5"}


def stories():
    """Against a trained model: whole, streamed and many at once, the same text."""
    def whole():
        return client.completions.create(model=model, prompt="Once upon a time", temperature=0, max_tokens=48).choices[0].text

    text = whole()
    assert text.startswith(", there was a little girl named Lily"), text
    stream = client.completions.create(model=model, prompt="Once upon a time", temperature=0, max_tokens=48, stream=True)
    assert "".join(c.choices[0].text for c in stream) == text
    results = []
    threads = [threading.Thread(target=lambda: results.append(whole())) for _ in range(8)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    assert results == [text] * 8
    stopped = client.completions.create(model=model, prompt="Once upon a time", temperature=0, max_tokens=48, stop=["girl"])
    assert stopped.choices[0].text == text[: text.index("girl")] and stopped.choices[0].finish_reason == "stop"
    seeded = [client.completions.create(model=model, prompt="Once", temperature=1, seed=3, max_tokens=24).choices[0].text for _ in range(2)]
    assert seeded[0] == seeded[1]
    probabilities = client.completions.create(model=model, prompt="Once upon a", temperature=0, max_tokens=2, logprobs=3).choices[0].logprobs
    assert len(probabilities.tokens) == 2 and all(len(t) == 3 for t in probabilities.top_logprobs)


for topic in sys.argv[3:]:
    globals()[topic]()
    print("ok", topic, flush=True)
