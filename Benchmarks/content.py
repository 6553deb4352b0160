#!/usr/bin/env python3
"""What the inspection of contents and their record cost a request with a prompt of 4 kB: the goal is at most 2 ms at the median.

usage: content.py [--hadal .build/release/hadal] [--seconds 10]

Two servers with a model that answers at once (`hadal bench gateway`) run beside each other: one inspects and records nothing, the other
masks personal data both ways, searches for attacks and leaks, applies 200 rules of the organisation and records everything
with masked texts, once with an fsync before each answer is complete and once without. One client asks both in turns, request
by request, so that whatever else the machine does falls on both. Prints a line of JSON for each: milliseconds of the median
and of the slowest in a hundred for both, what the second adds to each, and the median of what it adds to the request just before
or after. Ends with 1 where the goal is missed (but for the fsync, which is the disk's).
"""

import argparse
import json
import tempfile
from pathlib import Path

from access import ROOT, Server, compared, measure

GOAL = 2.0
ENGLISH = ("Please summarise the letter below. Mrs Miller (anna.miller@example.org, +1 415 555 0132) asks when the transfer from "
           "DE89 3704 0044 0532 0130 00 will arrive, and whether the fee of 25 francs can be waived for regular customers. ")
CHINESE = "请总结下面的来信。张伟（手机13912345678，身份证11010519491231002X）询问汇款何时到账，并希望免除二十五元手续费。"


def configuration(directory, durable):
    rules = directory / "rules.yaml"
    lines = ["version: '1'", "rules:"]
    for number in range(200):
        words = ", ".join(f"keyword{number}x{word}" for word in range(25))
        lines += [f"  - id: rule-{number}", f"    when: {{keywords: [{words}]}}", "    action: tag", f"    tags: [t{number}]"]
    rules.write_text("\n".join(lines) + "\n")
    file = directory / f"content-{durable}.yaml"
    file.write_text(f"""
rules: {rules}
content:
  privacy: {{request: {{action: mask}}, response: {{action: redact}}}}
  firewall: {{enabled: true, leaks: block, user: {{block: none, flag: 30}}}}
  record: {{input: masked, output: masked, durable: {str(durable).lower()}}}
""")
    return file


def prompt(text):
    message = (text * (4096 // len(text.encode()) + 1)).encode()[:4096].decode(errors="ignore")
    return json.dumps({"model": "instant", "messages": [{"role": "user", "content": message}]})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hadal", default=str(ROOT / ".build/release/hadal"))
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    missed = False
    with tempfile.TemporaryDirectory() as directory:
        directory = Path(directory)
        plain = directory / "plain.yaml"
        plain.write_text("audit: {enabled: false}\n")
        for durable in (False, True):
            file = configuration(directory, durable)
            servers = [Server(options.hadal, "--data", str(directory / f"plain-{durable}"), "--config", str(plain)),
                       Server(options.hadal, "--data", str(directory / f"guarded-{durable}"), "--config", str(file))]
            try:
                for language, text in (("English", ENGLISH), ("Chinese", CHINESE)):
                    body = prompt(text)
                    measure(servers, "POST", "/v1/chat/completions", body, "none", 1)
                    first, second = measure(servers, "POST", "/v1/chat/completions", body, "none", options.seconds)
                    row = {"prompt": f"4 kB {language}", "fsync": durable}
                    row |= compared({"plain": first, "guarded": second}, GOAL)
                    missed = missed or not durable and not row["within_goal"]
                    print(json.dumps(row), flush=True)
            finally:
                for server in servers:
                    server.end()
    raise SystemExit(1 if missed else 0)


if __name__ == "__main__":
    main()
