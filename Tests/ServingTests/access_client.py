"""Runs the official `openai` client with keys that count, that may not, and that have had enough:
access_client.py BASE_URL MODEL GOOD_KEY LISTING_KEY LIMITED_KEY
"""
import sys
import openai

base, model, good, listing, limited = sys.argv[1:]
messages = [{"role": "user", "content": "one two three"}]


def chat(key):
    client = openai.OpenAI(base_url=base + "/v1", api_key=key, max_retries=0, timeout=60)
    return client.chat.completions.create(model=model, messages=messages)


def refusal(kind, key):
    try:
        chat(key)
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


assert chat(good).choices[0].message.content == "one two three"
wrong = refusal(openai.AuthenticationError, "hadal_wrong")
assert (wrong.status_code, wrong.code) == (401, "invalid_api_key"), wrong
forbidden = refusal(openai.PermissionDeniedError, listing)
assert (forbidden.status_code, forbidden.code) == (403, "permission_denied"), forbidden
enough = refusal(openai.RateLimitError, limited)
assert enough.status_code == 429 and enough.code == "rate_limit_exceeded", enough
models = openai.OpenAI(base_url=base + "/v1", api_key=listing, max_retries=0).models.list()
assert [m.id for m in models] == [model]
