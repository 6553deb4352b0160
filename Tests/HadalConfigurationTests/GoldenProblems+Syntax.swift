extension GoldenProblems {
    /// Files that are no YAML, or none that we take.
    static let syntax: [(yaml: String, problems: [String])] = [
        (
            "server:\n  !!str grace: 10s\n  !!str grace: 20s\n",
            [
                "2:3: a setting is given more than once in its group; keep one of them"
            ]
        ),
        (
            "a: b\n---\nc: d\n",
            [
                "2:1: a second document begins here; keep one: remove the line '---' or what follows"
            ]
        ),
        (
            "listen: 'abc\n",
            [
                "2:1: the file ends inside quotes; close the quotes"
            ]
        ),
        (
            "allowed_hosts: [a, b\n",
            [
                "2:1: a list or group in brackets is not closed; close it, and put ',' between its values"
            ]
        ),
        (
            "tls: {mode: off\n",
            [
                "2:1: a list or group in brackets is not closed; close it, and put ',' between its values"
            ]
        ),
        (
            "key: [\n",
            [
                "2:1: this is not YAML: did not find expected node content; check the indentation, quotes and brackets here and in the line above"
            ]
        ),
        (
            "listen: @x\n",
            [
                "1:9: a value cannot begin with '@'; put the value in quotes"
            ]
        ),
        (
            "listen: `x`\n",
            [
                "1:9: a value cannot begin with '`'; put the value in quotes"
            ]
        ),
        (
            "listen: %a\n",
            [
                "1:9: a value cannot begin with '%'; put the value in quotes"
            ]
        ),
        (
            "a: b: c\n",
            [
                "1:5: a ':' inside a value, or a wrong indentation; put a value that contains ': ' in quotes, and align settings of a group"
            ]
        ),
        (
            "server:\n  grace: 10s\n   keep_alive: 10s\n",
            [
                "3:14: a ':' inside a value, or a wrong indentation; put a value that contains ': ' in quotes, and align settings of a group"
            ]
        ),
        (
            "listen\n",
            [
                "1:1: a single value instead of a group of settings; write names and values with a deeper indentation, 'listen: …'"
            ]
        ),
        (
            "server:\n  grace 10s\n  requests: 5\n",
            [
                "3:11: a ':' inside a value, or a wrong indentation; put a value that contains ': ' in quotes, and align settings of a group"
            ]
        ),
        (
            "insecure: !!bool true\n",
            [
                "1:11: the tag 'tag:yaml.org,2002:bool'; remove it: no setting needs a tag"
            ]
        ),
        (
            "log: !log {level: info}\n",
            [
                "1:6: the tag '!log'; remove it: no setting needs a tag"
            ]
        ),
        (
            "%YAML 1.1 foo\n---\na: b\n",
            [
                "1:11: this is not YAML: did not find expected comment or line break; check the indentation, quotes and brackets here and in the line above"
            ]
        ),
        (
            "listen: *nope\n",
            [
                "1:9: the alias '*nope' stands for nothing; put '&nope' before the value that it repeats, further up"
            ]
        ),
        (
            "engine: &x {batch: 1, context: *x}\n",
            [
                "1:32: the alias '*x' stands for nothing; put '&x' before the value that it repeats, further up"
            ]
        ),
        (
            "server: {grace: 10s, <<: 5}\n",
            [
                "1:26: '<<' takes over groups of settings, and this is none; write '<<: *name' with the name of an anchor"
            ]
        ),
        (
            "- a\n- b\n",
            [
                "1:1: a list instead of a group of settings; write names and values with a deeper indentation, 'listen: …'"
            ]
        ),
        (
            "hello\n",
            [
                "1:1: a single value instead of a group of settings; write names and values with a deeper indentation, 'listen: …'"
            ]
        ),
        (
            "[]",
            [
                "1:1: a list instead of a group of settings; write names and values with a deeper indentation, 'listen: …'"
            ]
        ),
        (
            "listen: x\u{0}\n",
            [
                "1:10: a control character, U+0000; remove it"
            ]
        ),
        (
            "listen: x\u{7f}\n",
            [
                "1:10: a control character, U+007F; remove it"
            ]
        ),
        (
            "listen: x\u{e000}\n",
            [
                "1:10: a character of the private use area, U+E000; remove it"
            ]
        ),
    ]
}
