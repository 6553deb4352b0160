extension GoldenProblems {
    /// Names and values that are wrong by themselves.
    static let values: [(yaml: String, problems: [String])] = [
        (
            "listen: 127.0.0.1\nserver:\n  body_limit: 16M\n  boddy_time: 60s\n  header_time: 90\n  requests: 010\ninsecure: yes\n",
            [
                "1:9: listen: '127.0.0.1' is no address to listen on; write HOST:PORT, such as 127.0.0.1:8000 or '[::]:8000'",
                "3:15: server.body_limit: '16M' is no number of bytes; write a whole number and KiB, MiB, GiB, TiB, KB, MB, GB or TB, such as 16MiB",
                "4:3: server.boddy_time: there is no such setting; did you mean 'body_time'?",
                "5:16: server.header_time: '90' is no duration; write a whole number and ms, s, m, h or d, such as 10s",
                "6:13: server.requests: '010' is no whole number; write digits alone, such as 1024",
                "7:11: insecure: 'yes' is neither true nor false; write true or false: yes, no, on and off are read differently by different programs",
            ]
        ),
        (
            "tls:\n\tmode: off\n",
            [
                "2:1: a tab where only spaces may stand; indent with spaces"
            ]
        ),
        (
            "server:\n  grace: 10s\n  'grace': 20s\n  grace: 30s\nlisten: a:1\nlisten: b:2\ninsecure: 5\n",
            [
                "3:3: 'grace' is given twice, first at hadal.yaml:2:3; keep one of them",
                "4:3: 'grace' is given twice, first at hadal.yaml:2:3; keep one of them",
                "6:1: 'listen' is given twice, first at hadal.yaml:5:1; keep one of them",
                "7:11: insecure: '5' is neither true nor false; write true or false: yes, no, on and off are read differently by different programs",
            ]
        ),
        (
            "listen: [a]\nserver: 5\nmodels: guide\naccess:\n  addresses:\n    allow: {a: b}\n  lockout: [5]\n",
            [
                "1:9: listen: a list where 'HOST:PORT' is expected; write for example 'listen: 127.0.0.1:8000'",
                "2:9: server: a single value instead of a group of settings; write names and values with a deeper indentation, 'body_limit: …'",
                "3:9: models: a single value where 'list of groups' is expected; write for example 'models: [{name: r1, model: /models/DeepSeek-R1-Distill-Qwen-1.5B}]'",
                "6:12: access.addresses.allow: a group of settings where 'list of: IP address or CIDR block' is expected; write for example 'allow: [10.0.0.0/8]'",
                "7:12: access.lockout: a list instead of a group of settings; write names and values with a deeper indentation, 'attempts: …'",
            ]
        ),
        (
            "server:\n  grace: 10s\n keep_alive: 10s\n",
            [
                "3:2: this is no line 'name: value', or it is not aligned with its group; check the indentation, quotes and brackets here and in the line above"
            ]
        ),
        (
            "*a: b\n",
            [
                "1:1: a name of a setting that is no plain text; write 'name: value'"
            ]
        ),
        (
            "? [a]\n: b\n",
            [
                "1:3: a name of a setting that is no plain text; write 'name: value'"
            ]
        ),
        (
            "? *a\n: b\n",
            [
                "1:3: a name of a setting that is no plain text; write 'name: value'"
            ]
        ),
        (
            "&a listen: x:1\n",
            [
                "1:1: a name of a setting that is no plain text; write 'name: value'"
            ]
        ),
        (
            "listen:\n",
            [
                "1:8: listen: nothing where 'HOST:PORT' is expected; write for example 'listen: 127.0.0.1:8000'"
            ]
        ),
        (
            "listen: ~\ndata: null\n",
            [
                "1:9: listen: nothing where 'HOST:PORT' is expected; write for example 'listen: 127.0.0.1:8000'",
                "2:7: data: nothing where 'path' is expected; write for example 'data: /var/lib/hadal'",
            ]
        ),
        (
            "listen: \"a\\x00b\"\n",
            [
                "1:9: listen: 'a\\u{0}b' is no address to listen on; write HOST:PORT, such as 127.0.0.1:8000 or '[::]:8000'"
            ]
        ),
        (
            "listen: \"\\e[31m\"\n",
            [
                "1:9: listen: '\\u{1b}[31m' is no address to listen on; write HOST:PORT, such as 127.0.0.1:8000 or '[::]:8000'"
            ]
        ),
        (
            "listen: |\n  a\n  b\n",
            [
                "1:9: listen: 'a\\u{a}b\\u{a}' is no address to listen on; write HOST:PORT, such as 127.0.0.1:8000 or '[::]:8000'"
            ]
        ),
        (
            "data: ''\n",
            [
                "1:7: data: an empty path; write one such as /var/lib/hadal"
            ]
        ),
        (
            "listen: '[::1:80'\n",
            [
                "1:9: listen: '[::1:80' is no address to listen on; write HOST:PORT, such as 127.0.0.1:8000 or '[::]:8000'"
            ]
        ),
        (
            "listen: ::1:80\n",
            [
                "1:9: listen: '::1:80' is no address to listen on; write HOST:PORT, such as 127.0.0.1:8000 or '[::]:8000'"
            ]
        ),
        (
            "listen: a b:80\n",
            [
                "1:9: listen: 'a b:80' is no address to listen on; write HOST:PORT, such as 127.0.0.1:8000 or '[::]:8000'"
            ]
        ),
        (
            "listen: h:65536\n",
            [
                "1:9: listen: 'h:65536' is no address to listen on; write HOST:PORT, such as 127.0.0.1:8000 or '[::]:8000'"
            ]
        ),
        (
            "listen: h:+80\n",
            [
                "1:9: listen: 'h:+80' is no address to listen on; write HOST:PORT, such as 127.0.0.1:8000 or '[::]:8000'"
            ]
        ),
        (
            "engine:\n  kv_format: fp8\n  context: 1:30\n  prefix_cache: on\n  batch: 0\n  threads: 0x10\n  queue: 1_000\n  draft_tokens: 17\n  step_tokens: 1e3\n  kv_cache: 1.5GiB\n  prefix_cache_bytes: 99999999999TiB\n",
            [
                "2:14: engine.kv_format: 'fp8' is none of the choices; write f16, int8 or f32",
                "3:12: engine.context: '1:30' is no whole number; write digits alone, such as 32768",
                "4:17: engine.prefix_cache: 'on' is neither true nor false; write true or false: yes, no, on and off are read differently by different programs",
                "5:10: engine.batch: 0 is outside its range; write 1 to 65536",
                "6:12: engine.threads: '0x10' is no whole number; write digits alone, such as 8",
                "7:10: engine.queue: '1_000' is no whole number; write digits alone, such as 256",
                "8:17: engine.draft_tokens: 17 is outside its range; write 0 to 16",
                "9:16: engine.step_tokens: '1e3' is no whole number; write digits alone, such as 512",
                "10:13: engine.kv_cache: '1.5GiB' is no number of bytes; write a whole number and KiB, MiB, GiB, TiB, KB, MB, GB or TB, such as 8GiB",
                "11:23: engine.prefix_cache_bytes: '99999999999TiB' is no number of bytes; write a whole number and KiB, MiB, GiB, TiB, KB, MB, GB or TB, such as 4GiB",
            ]
        ),
        (
            "server:\n  body_time: 1h30m\n  header_time: 0s\n  idle_time: 1.5m\n  grace: 2h\n  keep_alive: -5s\n  queue_timeout: never\n",
            [
                "2:14: server.body_time: '1h30m' is no duration; write a whole number and ms, s, m, h or d, such as 60s",
                "3:16: server.header_time: 0s is outside its range; write 1s to 1h",
                "4:14: server.idle_time: '1.5m' is no duration; write a whole number and ms, s, m, h or d, such as 75s",
                "5:10: server.grace: 2h is outside its range; write 0s to 1h",
                "6:15: server.keep_alive: '-5s' is no duration; write a whole number and ms, s, m, h or d, such as 10s",
                "7:18: server.queue_timeout: 'never' is no duration; write a whole number and ms, s, m, h or d, such as 30s",
            ]
        ),
        (
            "allowed_hosts: ['http://a', a/b, '', 'a:80']\ntls: {names: ['*.*.x', '*.example.org']}\n",
            [
                "1:17: allowed_hosts[0]: 'http://a' is no host name or IP address; write one without scheme and port, such as hadal.example.org",
                "1:29: allowed_hosts[1]: 'a/b' is no host name or IP address; write one without scheme and port, such as hadal.example.org",
                "1:34: allowed_hosts[2]: '' is no host name or IP address; write one without scheme and port, such as hadal.example.org",
                "1:38: allowed_hosts[3]: 'a:80' is no host name or IP address; write one without scheme and port, such as hadal.example.org",
                "2:15: tls.names[0]: '*.*.x' is no host name or IP address; write one without scheme and port, such as hadal.example.org",
            ]
        ),
        (
            "\u{feff}listen: x\n",
            [
                "1:9: listen: 'x' is no address to listen on; write HOST:PORT, such as 127.0.0.1:8000 or '[::]:8000'"
            ]
        ),
        (
            "allowed_hosts: [a, \"*\", \"b*\", c d]\n",
            [
                "1:20: allowed_hosts[1]: '*' is no host name or IP address; write one without scheme and port, such as hadal.example.org",
                "1:25: allowed_hosts[2]: 'b*' is no host name or IP address; write one without scheme and port, such as hadal.example.org",
                "1:31: allowed_hosts[3]: 'c d' is no host name or IP address; write one without scheme and port, such as hadal.example.org",
            ]
        ),
        (
            "allowed_hosts: [\"a&b&c\", c d]\r\nlisten: x\r\n",
            [
                "1:17: allowed_hosts[0]: 'a&b&c' is no host name or IP address; write one without scheme and port, such as hadal.example.org",
                "1:26: allowed_hosts[1]: 'c d' is no host name or IP address; write one without scheme and port, such as hadal.example.org",
                "2:9: listen: 'x' is no address to listen on; write HOST:PORT, such as 127.0.0.1:8000 or '[::]:8000'",
            ]
        ),
        (
            "log: {level: warn, format: xml}\n",
            [
                "1:14: log.level: 'warn' is none of the choices; did you mean 'warning'?",
                "1:28: log.format: 'xml' is none of the choices; write text or json",
            ]
        ),
        (
            "sever: {grace: 5s}\nLISTEN: x:1\nlisten-: x\n\"tls\\n\": 5\n",
            [
                "1:1: sever: there is no such setting; did you mean 'server'?",
                "2:1: LISTEN: there is no such setting; did you mean 'listen'?",
                "3:1: listen-: there is no such setting; did you mean 'listen'?",
                "4:1: tls\\u{a}: there is no such setting; did you mean 'tls'?",
            ]
        ),
        (
            "body_limit: 5MiB\n",
            [
                "1:1: body_limit: there is no such setting; it belongs under 'server'"
            ]
        ),
    ]
}
