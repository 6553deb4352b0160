"""Runs the official `openai` client against a server: openai_client.py BASE_URL MODEL TOPIC…

Each topic is a function here. Ends with exit code 0 when all that was asked for held.
"""
import base64, struct, sys, threading
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
    raw = client.embeddings.create(model=model, input="abc", encoding_format="base64").data[0].embedding
    if isinstance(raw, str): raw = struct.unpack("<3f", base64.b64decode(raw))
    assert round(raw[0]) == 3


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
    tools = [{"type": "function", "function": {"name": "f", "parameters": {}}}]
    assert raises(openai.BadRequestError, tools=tools).code == "unsupported_field"
    assert raises(openai.BadRequestError, messages=[{"role": "user", "content": "w " * 65}], stream=True).code == "context_length_exceeded"
    assert raises(openai.NotFoundError, model="gpt-9").code == "model_not_found"


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
