import Foundation

/// Another server that serves a model, in a worker's place.
public struct UpstreamModelSettings: SettingsSection {
    /// Several serve the same; none: there is no upstream.
    public var urls: [URL] = []
    /// What the model is called there.
    public var model: String?
    public var kind = UpstreamKindName.auto
    public var keyFile: String?
    public var keyEnvironment: String?
    public var context: Int?
    public var requests = 64
    /// For a million tokens.
    public var inputPrice: Decimal?
    public var outputPrice: Decimal?
    public var cachedPrice: Decimal?
    public var tokensPerDay: Int?
    public var tokensPerMonth: Int?
    public var moneyPerDay: Decimal?
    public var moneyPerMonth: Decimal?
    public var connectTime = Duration.seconds(10)
    public var firstByteTime = Duration.seconds(600)
    public var silenceTime = Duration.seconds(120)
    public var tlsCA: String?
    /// Whether a key may go to another machine without TLS.
    public var plainHTTP = false

    public init() {}

    public var isGiven: Bool { !urls.isEmpty }

    public var key: SecretSource { SecretSource(file: keyFile, environmentVariable: keyEnvironment) }

    static let entries: [Entry<UpstreamModelSettings>] = [
        .setting(
            "url", \.urls, .list(of: .url(example: "https://api.deepseek.com", allowsPlain: true)), .restart,
            shownDefault: "there is none",
            "A server with OpenAI's protocol that serves the model instead (vLLM, SGLang, llama-server, Ollama, DeepSeek, "
                + "another Hadal): docs/upstreams.md. With /v1 or without. Of several, each request goes to the one that has the "
                + "fewest tokens to do."),
        .setting(
            "model", \.model, .given(.text("name", example: "deepseek-chat")), .restart,
            shownDefault: "the model's name here", "What the model is called there."),
        .setting(
            "kind", \.kind, .choice, .restart,
            "Which server it is; auto finds out. It decides how fields are written that OpenAI does not have."),
        .secret("key", \.keyFile, \.keyEnvironment, .restart, "the key that the server wants"),
        .setting(
            "context", \.context, .optional(.count(1...(1 << 30), example: "131072")), .restart,
            shownDefault: "what the server tells", "The most tokens of a prompt and its answer together."),
        .setting(
            "requests", \.requests, .count(1...65_536, example: "64"), .restart, "Requests to it at the same time."),
        .setting(
            "input_price", \.inputPrice, .optional(.money), .restart, "What a million tokens of prompts cost there."),
        .setting(
            "output_price", \.outputPrice, .optional(.money), .restart, "What a million tokens of answers cost there."),
        .setting(
            "cached_price", \.cachedPrice, .optional(.money), .restart,
            "What a million tokens of prompts cost that it had computed before. none: as the others."),
        .setting(
            "tokens_per_day", \.tokensPerDay, .optional(.count(1...(1 << 60), example: "50000000")), .restart,
            "Tokens of prompts and answers a day (UTC); then requests get 429."),
        .setting(
            "tokens_per_month", \.tokensPerMonth, .optional(.count(1...(1 << 60), example: "1000000000")), .restart,
            "Tokens of prompts and answers a month (UTC)."),
        .setting(
            "money_per_day", \.moneyPerDay, .optional(.money), .restart,
            "What its answers may cost a day (UTC), by the prices."),
        .setting(
            "money_per_month", \.moneyPerMonth, .optional(.money), .restart,
            "What its answers may cost a month (UTC), by the prices."),
        .setting(
            "connect_time", \.connectTime, .duration(.milliseconds(100)...hour, example: "10s"), .restart,
            "Until a connection stands."),
        .setting(
            "first_byte_time", \.firstByteTime, .duration(.seconds(1)...day, example: "10m"), .restart,
            "From a request to the first byte of its answer."),
        .setting(
            "silence_time", \.silenceTime, .duration(.seconds(1)...day, example: "2m"), .restart,
            "The longest silence within an answer; then it is lost."),
        .setting(
            "tls_ca", \.tlsCA, .optional(.path(example: "/etc/hadal/tls/upstream-ca.pem")), .restart,
            "The CA certificates, as PEM, that its certificate must come from. none: those that the system trusts."),
        .setting(
            "plain_http", \.plainHTTP, .boolean, .restart,
            "Send the key to another machine although the URL begins with http: whoever can listen can use it."),
    ]

    private static var hour: Duration { .seconds(3600) }
    private static var day: Duration { .seconds(86_400) }

    func check(_ findings: inout Findings) {
        guard isGiven else {
            if self != UpstreamModelSettings() { findings.add("url", "upstream needs it", "write 'url: https://HOST'") }
            return
        }
        let plain = urls.filter { $0.scheme == "http" }
        let isLocal = plain.allSatisfy {
            ["localhost", "127.0.0.1", "::1", "[::1]"].contains($0.host()?.lowercased() ?? "")
        }
        if key.isGiven, !isLocal, !plainHTTP {
            findings.add("url", "the key would be sent without TLS", "write https://, or 'plain_http: true'")
        }
        if !plain.isEmpty, plain == urls, tlsCA != nil {
            findings.add("tls_ca", "the URL has no TLS", "write https://, or remove it")
        }
        if Set(urls).count < urls.count { findings.add("url", "an address is there twice", "remove one") }
        if urls.count > 1 {
            let limits: [(String, Bool)] = [
                ("tokens_per_day", tokensPerDay != nil), ("tokens_per_month", tokensPerMonth != nil),
                ("money_per_day", moneyPerDay != nil), ("money_per_month", moneyPerMonth != nil),
            ]
            for (name, isSet) in limits where isSet {
                findings.add(name, "what several addresses use is not added up", "remove it, or write one url")
            }
        }
        for (name, limit) in [("money_per_day", moneyPerDay), ("money_per_month", moneyPerMonth)] where limit != nil {
            if inputPrice == nil, outputPrice == nil {
                findings.add(name, "there are no prices", "set input_price and output_price")
            }
        }
    }
}

/// Which server an upstream is.
public enum UpstreamKindName: String, Sendable, Hashable, CaseIterable {
    case auto, openai, deepseek, vllm, sglang, ollama, hadal
    case llamaServer = "llama-server"
    case llamaCppPython = "llama_cpp.server"
    case other = "openai-compatible"
}
