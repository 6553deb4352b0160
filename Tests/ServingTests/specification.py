"""Holds a server's answers against OpenAI's own description of them: specification.py BASE_URL MODEL OPENAPI_YAML

Ends with exit code 0 when every answer and every event of a stream has the shape that is described.
"""
import json
import sys
import urllib.request

import jsonschema_rs
import yaml

base, model, path = sys.argv[1:]
document = json.loads(json.dumps(yaml.load(open(path), yaml.CSafeLoader), default=str))
wrong = 0


def with_null(schema):
    """Parts of the description still say `nullable`, as OpenAPI 3.0 did."""
    if isinstance(schema, list):
        return [with_null(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {name: with_null(part) for name, part in schema.items()}
    return {"anyOf": [schema, {"type": "null"}]} if schema.pop("nullable", None) is True else schema


document = with_null(document)


def check(name, schema, value):
    global wrong
    whole = {"$ref": f"#/components/schemas/{schema}", "components": document["components"]}
    for error in jsonschema_rs.validator_for(whole).iter_errors(value):
        wrong += 1
        print(f"{name} is no {schema}: {error.message[:300]} at {error.instance_path}")


def ask(path, body=None):
    data = None if body is None else json.dumps({"model": model, **body}).encode()
    request = urllib.request.Request(base + path, data, {"Content-Type": "application/json"})
    return urllib.request.urlopen(request, timeout=60)


def answer(path, body=None):
    return json.load(ask(path, body))


def events(path, body):
    for line in ask(path, {**body, "stream": True}).read().decode().splitlines():
        if line.startswith("data: ") and line != "data: [DONE]":
            yield json.loads(line[6:])


messages = [{"role": "user", "content": "weather in Paris"}]
function = {"name": "get_weather", "description": "Tells the weather.", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}
tools = [{"type": "function", "function": function}]
for name, body in {"an answer": {}, "probabilities": {"logprobs": True, "top_logprobs": 2}, "a call": {"tools": tools}, "two choices": {"n": 2}}.items():
    body = {"messages": messages, **body}
    check(name, "CreateChatCompletionResponse", answer("/v1/chat/completions", body))
    for chunk in events("/v1/chat/completions", {**body, "stream_options": {"include_usage": True}}):
        check("a chunk of " + name, "CreateChatCompletionStreamResponse", chunk)
check("a completion", "CreateCompletionResponse", answer("/v1/completions", {"prompt": "a b", "logprobs": 1}))
check("embeddings", "CreateEmbeddingResponse", answer("/v1/embeddings", {"input": ["a", "b"]}))
check("the models", "ListModelsResponse", answer("/v1/models"))
for name, body in {"a response": {}, "a thought": {"reasoning": {"effort": "high"}}, "a response's call": {"tools": [{"type": "function", "strict": False, **function}]},
                   "a cut response": {"max_output_tokens": 1}}.items():
    body = {"input": "weather in Paris", **body}
    check(name, "Response", answer("/v1/responses", body))
    for event in events("/v1/responses", body):
        check(f"{event['type']} of {name}", "ResponseStreamEvent", event)
sys.exit(wrong > 0)
