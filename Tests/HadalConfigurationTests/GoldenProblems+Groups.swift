extension GoldenProblems {
    /// Settings that do not fit together, and lists and groups.
    static let groups: [(yaml: String, problems: [String])] = [
        (
            "secrets:\n  service: passphrase\n  passphrase: hunter2\n  vault: {token: s.abc}\n  pkcs11: {pin: 1234}\n",
            [
                "2:3: secrets.passphrase_file: service passphrase needs it; write 'passphrase_file: PATH' or 'passphrase_env: NAME'",
                "3:3: secrets.passphrase: a secret must not stand in the configuration, which is copied, shown and kept in version control; put it in a file that only the server's user can read and write 'passphrase_file: PATH', or in an environment variable and write 'passphrase_env: NAME'",
                "4:11: secrets.vault.token: a secret must not stand in the configuration, which is copied, shown and kept in version control; put it in a file that only the server's user can read and write 'token_file: PATH', or in an environment variable and write 'token_env: NAME'",
                "5:12: secrets.pkcs11.pin: a secret must not stand in the configuration, which is copied, shown and kept in version control; put it in a file that only the server's user can read and write 'pin_file: PATH', or in an environment variable and write 'pin_env: NAME'",
            ]
        ),
        (
            "secrets: {service: pkcs11}\n",
            [
                "1:10: secrets.pkcs11.pin_file: service pkcs11 needs it; write 'pin_file: PATH' or 'pin_env: NAME'",
                "1:10: secrets.pkcs11.module: service pkcs11 needs it; write 'module: …' under 'pkcs11:'",
                "1:10: secrets.pkcs11.token: service pkcs11 needs it; write 'token: …' under 'pkcs11:'",
                "1:10: secrets.pkcs11.key: service pkcs11 needs it; write 'key: …' under 'pkcs11:'",
            ]
        ),
        (
            "secrets: {service: vault}\n",
            [
                "1:10: secrets.vault.token_file: service vault needs it; write 'token_file: PATH' or 'token_env: NAME'",
                "1:10: secrets.vault.address: service vault needs it; write 'address: …' under 'vault:'",
                "1:10: secrets.vault.key: service vault needs it; write 'key: …' under 'vault:'",
            ]
        ),
        (
            "secrets:\n  passphrase_file: a\n  passphrase_env: B\n  encrypt: models\n",
            [
                "3:19: secrets.passphrase_env: passphrase_file is given as well; keep one of them",
                "4:12: secrets.encrypt: nobody keeps the key; write 'service: passphrase', 'service: pkcs11' or 'service: vault'",
            ]
        ),
        (
            "secrets:\n  passphrase_env: b c\n  encrypt: [models, all]\n",
            [
                "2:19: secrets.passphrase_env: 'b c' is no name of an environment variable; write one such as HADAL_PASSPHRASE",
                "3:21: secrets.encrypt[1]: 'all' is none of the choices; write models, audit, knowledge or conversations",
            ]
        ),
        (
            "models:\n",
            [
                "1:8: models: nothing where 'list of groups' is expected; write for example 'models: [{name: r1, model: /models/DeepSeek-R1-Distill-Qwen-1.5B}]'"
            ]
        ),
        (
            "models: [guide]\n",
            [
                "1:10: models[0]: a single value instead of a group of settings; write names and values with a deeper indentation, 'name: …'"
            ]
        ),
        (
            "models:\n  - {model: a, worker: 'https://gpu1:7443'}\n  - {name: b, worker: 'http://localhost:7443', engine: {batch: 4}}\n",
            [
                "2:5: models[0].name: worker needs it; write 'name: NAME'",
                "2:13: models[0].model: worker is given as well; keep one of them",
                "3:23: models[1].worker: plain HTTP protects nothing; write https://HOST:PORT",
                "3:56: models[1].engine: the worker has engine options of its own; remove it, and give them to hadal worker",
            ]
        ),
        (
            "models:\n  - {name: a, upstream: {url: ['http://a', 'http://a'], tokens_per_day: 5}}\n",
            [
                "2:31: models[0].upstream.url: an address is there twice; remove one",
                "2:73: models[0].upstream.tokens_per_day: what several addresses use is not added up; remove it, or write one url",
            ]
        ),
        (
            "models:\n  - {model: a, upstream: {url: 'http://gpu1:8000', key_env: K}}\n  - {name: b, upstream: {model: m}}\n  - {name: c, upstream: {url: 'ftp://h', kind: vlm, money_per_day: 5}}\n  - {name: d, upstream: {url: 'http://gpu1:8000', tls_ca: /c, money_per_month: 1, key: abc}}\n",
            [
                "2:5: models[0].name: upstream needs it; write 'name: NAME'",
                "2:13: models[0].model: upstream is given as well; keep one of them",
                "2:32: models[0].upstream.url: the key would be sent without TLS; write https://, or 'plain_http: true'",
                "3:5: models[1].model: no model is given; write 'model: /models/NAME'",
                "3:25: models[1].upstream.url: upstream needs it; write 'url: https://HOST'",
                "4:5: models[2].model: no model is given; write 'model: /models/NAME'",
                "4:31: models[2].upstream.url: 'ftp://h' is of no kind that can be used; use https or http",
                "4:48: models[2].upstream.kind: 'vlm' is none of the choices; did you mean 'vllm'?",
                "5:59: models[3].upstream.tls_ca: the URL has no TLS; write https://, or remove it",
                "5:80: models[3].upstream.money_per_month: there are no prices; set input_price and output_price",
                "5:83: models[3].upstream.key: a secret must not stand in the configuration, which is copied, shown and kept in version control; put it in a file that only the server's user can read and write 'key_file: PATH', or in an environment variable and write 'key_env: NAME'",
            ]
        ),
        (
            "workers: {certificates: a, tls_key: b}\n",
            [
                "1:10: workers.tls_certificate: the other files need it; write 'tls_certificate: PATH'",
                "1:10: workers.tls_ca: the other files need it; write 'tls_ca: PATH'",
                "1:25: workers.certificates: files are given as well; keep one of them",
            ]
        ),
        (
            "models:\n  - name: a\n  - {name: b, model: guide}\n  - {name: b, model: guide}\n  - model: -x\n",
            [
                "2:5: models[0].model: no model is given; write 'model: /models/NAME'",
                "4:12: models[2].name: 'b' is there already; give each model its own name",
                "5:12: models[3].model: '-x' is no model; write a name, a directory (./models/r1) or a .gguf file",
            ]
        ),
        (
            "access:\n  trusted_proxies: [10.0.0.1/8, 10.0.0.300, '::1/129', 1.2.3.4/, 'fe80::1%eth0', '2001:db8::1/32', 1.2.3.4/-1]\n  sessions: {idle: 2d, lifetime: 1d}\n  proxy_header: X-Forwarded-For\nlimits: {tenant_weights: {a: 0, b: x, c: 101, d: [1]}}\n",
            [
                "2:21: access.trusted_proxies[0]: '10.0.0.1/8' has bits set after its first 8; write 10.0.0.0/8",
                "2:33: access.trusted_proxies[1]: '10.0.0.300' is no IP address and no CIDR block; write one such as 10.0.0.0/8, 192.0.2.7 or '2001:db8::/32'",
                "2:45: access.trusted_proxies[2]: '::1/129' is no IP address and no CIDR block; write one such as 10.0.0.0/8, 192.0.2.7 or '2001:db8::/32'",
                "2:56: access.trusted_proxies[3]: '1.2.3.4/' is no IP address and no CIDR block; write one such as 10.0.0.0/8, 192.0.2.7 or '2001:db8::/32'",
                "2:66: access.trusted_proxies[4]: 'fe80::1%eth0' is no IP address and no CIDR block; write one such as 10.0.0.0/8, 192.0.2.7 or '2001:db8::/32'",
                "2:82: access.trusted_proxies[5]: '2001:db8::1/32' has bits set after its first 32; write 2001:db8::/32",
                "2:100: access.trusted_proxies[6]: '1.2.3.4/-1' is no IP address and no CIDR block; write one such as 10.0.0.0/8, 192.0.2.7 or '2001:db8::/32'",
                "3:20: access.sessions.idle: 2d is outside its range; write 1m to 1d",
                "4:17: access.proxy_header: 'X-Forwarded-For' is none of the choices; did you mean 'x-forwarded-for'?",
                "5:30: limits.tenant_weights.a: 0 is outside its range; write 1 to 100",
                "5:36: limits.tenant_weights.b: 'x' is no whole number; write digits alone, such as 3",
                "5:42: limits.tenant_weights.c: 101 is outside its range; write 1 to 100",
                "5:50: limits.tenant_weights.d: a list where 'whole number, 1 to 100' is expected; write for example 'd: 3'",
            ]
        ),
        (
            "access:\n  token_issuers:\n    - issuer: http://x\n      algorithms: [HS256, none]\n      keys_url: https://a:b@c/\n    - {issuer: http://x, audiences: [a], keys_url: http://x/k, client_secret: abc}\n    - {issuer: 'http://localhost:1', audiences: [a], redirect: 'https://r'}\n    - {issuer: 'http://localhost:1', audiences: [a], client_id: c, scopes: [email], keys_url: https://k, keys_file: k}\n",
            [
                "3:7: access.token_issuers[0].audiences: no audience is given: tokens made for others would count here; write what the tokens' 'aud' must be",
                "3:15: access.token_issuers[0].issuer: its keys cannot be fetched from there safely; write an https URL, or give keys_url or keys_file",
                "4:20: access.token_issuers[0].algorithms[0]: 'HS256' is none of the choices; did you mean 'RS256'?",
                "4:27: access.token_issuers[0].algorithms[1]: 'none' is none of the choices; write RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512 or EdDSA",
                "5:17: access.token_issuers[0].keys_url: a secret in a URL; remove what stands between '//' and '@'",
                "6:16: access.token_issuers[1].issuer: 'http://x' is there already; keep one of them",
                "6:52: access.token_issuers[1].keys_url: 'http://x/k' does not protect what it carries; use https; http only to localhost",
                "6:64: access.token_issuers[1].client_secret: a secret must not stand in the configuration, which is copied, shown and kept in version control; put it in a file that only the server's user can read and write 'client_secret_file: PATH', or in an environment variable and write 'client_secret_env: NAME'",
                "7:7: access.token_issuers[2].client_id: redirect and client_secret need it; write 'client_id: NAME'",
                "8:7: access.token_issuers[3].redirect: client_id needs it; write 'redirect: URL'",
                "8:16: access.token_issuers[3].issuer: 'http://localhost:1' is there already; keep one of them",
                "8:76: access.token_issuers[3].scopes: openid is missing; add it",
                "8:117: access.token_issuers[3].keys_file: keys_url is given as well; keep one of them",
            ]
        ),
        (
            "access:\n  token_issuers:\n    - {issuer: 'https://x', audiences: [a], roles: [user]}\n    - {issuer: 'https://y', audiences: [a], roles: {a: [b]}, skew: 10m, required_claims: x}\n",
            [
                "3:52: access.token_issuers[0].roles: a list where 'the issuer's roles and ours' is expected; write for example 'roles: {staff: user}'",
                "4:56: access.token_issuers[1].roles.a: a list where 'role' is expected; write for example 'a: user'",
                "4:68: access.token_issuers[1].skew: 10m is outside its range; write 0s to 5m",
                "4:90: access.token_issuers[1].required_claims: a single value where 'claims and values' is expected; write for example 'required_claims: {environment: production}'",
            ]
        ),
        (
            "limits:\n  key:\n    cost_per_month: 1,000\n    requests_per_minute: -1\n    concurent: 5\n  prices:\n    - model: a*b\n      prompt: $5\n      answer: 1.2.3\n      cached: 1e5\n    - prompt: 5\n",
            [
                "3:21: limits.key.cost_per_month: '1,000' is no amount of money; write digits, with a point before the fraction and without currency, such as 2.50",
                "4:26: limits.key.requests_per_minute: '-1' is no whole number; write digits alone, such as 2000",
                "5:5: limits.key.concurent: there is no such setting; did you mean 'concurrent'?",
                "7:14: limits.prices[0].model: a '*' may only stand at the end; write the common beginning and a '*'",
                "8:15: limits.prices[0].prompt: '$5' is no amount of money; write digits, with a point before the fraction and without currency, such as 2.50",
                "9:15: limits.prices[0].answer: '1.2.3' is no amount of money; write digits, with a point before the fraction and without currency, such as 2.50",
                "10:15: limits.prices[0].cached: '1e5' is no amount of money; write digits, with a point before the fraction and without currency, such as 2.50",
                "11:7: limits.prices[1].model: no model is given; write 'model: NAME' or 'model: \"*\"'",
            ]
        ),
        (
            "tls:\n  certificate: x\n  client_certificates: required\n  minimum_version: 1.1\n",
            [
                "2:16: tls.certificate: is not used with mode off; write 'mode: files', or remove it",
                "3:24: tls.client_certificates: there are none without TLS; write 'mode: automatic' or 'mode: files'",
                "4:20: tls.minimum_version: '1.1' is none of the choices; did you mean '1.3'?",
            ]
        ),
        (
            "tls:\n  mode: files\n  client_certificates: optional\n",
            [
                "2:3: tls.certificate: mode files needs it; write 'certificate: PATH'",
                "2:3: tls.key: mode files needs it; write 'key: PATH'",
                "2:3: tls.client_ca: client_certificates needs it with mode files; write 'client_ca: PATH'",
            ]
        ),
    ]
}
