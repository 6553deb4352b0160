"""Runs LangChain's OpenAI integration against a server: langchain_client.py BASE_URL MODEL TOPIC…

Each topic is a function here. Ends with exit code 0 when all that was asked for held.
"""
import sys

from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAI, OpenAIEmbeddings

address = {"base_url": sys.argv[1] + "/v1", "api_key": "none", "model": sys.argv[2], "max_retries": 0}


@tool
def get_weather(city: str) -> str:
    """Tells the weather."""
    return "sunny"


def chat():
    model = ChatOpenAI(**address, seed=1, temperature=0)
    answer = model.invoke([("system", "Echo."), ("human", "one two three")])
    assert answer.content == "one two three" and answer.usage_metadata["total_tokens"] == 6
    assert answer.response_metadata["finish_reason"] == "stop"
    assert "".join(piece.content for piece in model.stream("one two")) == "one two"
    assert [a.content for a in model.batch(["a", "b c"])] == ["a", "b c"]
    assert OpenAI(**address).invoke("a b") == "a b"


def responses():
    model = ChatOpenAI(**address, use_responses_api=True)
    answer = model.invoke("one two three")
    assert answer.text == "one two three" and answer.usage_metadata["total_tokens"] == 6
    assert "".join(piece.text for piece in model.stream("one two")) == "one two"


def tools():
    for kind in ({}, {"use_responses_api": True}):
        model = ChatOpenAI(**address, **kind).bind_tools([get_weather])
        question = HumanMessage("weather in Paris")
        answer = model.invoke([question])
        (call,) = answer.tool_calls
        assert (call["name"], call["args"]) == ("get_weather", {"city": "Paris"})
        result = ToolMessage(get_weather.invoke(call["args"]), tool_call_id=call["id"])
        assert model.invoke([question, answer, result]).text == "It is sunny."
        gathered = None
        for piece in model.stream([question]):
            gathered = piece if gathered is None else gathered + piece
        assert gathered.tool_calls[0]["args"] == {"city": "Paris"}


def embeddings():
    model = OpenAIEmbeddings(**{k: v for k, v in address.items()}, check_embedding_ctx_length=False)
    assert [round(x, 4) for x in model.embed_query("abc")] == [3, 0.1, -2]
    assert [len(v) for v in model.embed_documents(["a", "b"])] == [3, 3]


for topic in sys.argv[3:]:
    globals()[topic]()
    print(topic, "holds")
