"""Checks that three say the same: the Jinja template in transformers and in `hadal template`, and corpus/render.py.

`python Guide/check_template.py .guide [hadal]`
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "corpus"))

from build import pieces, samples  # noqa: E402


def main(folder, hadal, count=300):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    stream = samples("validation", "template")
    for index in range(count):
        sample = next(stream)
        if "messages" not in sample:
            continue
        options = {"thinking": sample.get("thinking", False)}
        for messages, prompt in ((sample["messages"], False), (sample["messages"][:-1], True)):
            parts = [text for text, _ in pieces(sample)]
            own = "".join(parts[:-1] if prompt else parts)
            theirs = tokenizer.apply_chat_template(messages, tools=sample.get("tools"), tokenize=False, add_generation_prompt=prompt, **options)
            assert theirs == own, f"transformers: {theirs!r}\nown: {own!r}"
            if index % 10 == 0:
                with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
                    json.dump({"messages": messages, "add_generation_prompt": prompt, **options,
                               **({"tools": sample["tools"]} if sample.get("tools") else {})}, file)
                    file.flush()
                    found = subprocess.run([hadal, "template", folder, "--vars", file.name], capture_output=True, text=True)
                assert found.stdout == own, f"hadal: {found.stdout!r} {found.stderr}\nown: {own!r}"
    print("the template says the same in transformers, in hadal and in the corpus")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else str(HERE.parent / ".build/release/hadal"))
