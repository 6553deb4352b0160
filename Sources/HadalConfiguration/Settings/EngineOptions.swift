import HadalJSON

/// How a model's engine shares time and memory: what `hadal worker` takes as options of the same names. nil: not given; an
/// inner nil: `none`, what the engine does by itself.
public struct EngineOptions: SettingsSection {
    public enum CacheFormat: String, CaseIterable, Sendable, Hashable { case f16, int8, f32 }

    /// Tokens of a prompt and its answer together.
    public var context: Int??
    /// Bytes for keys and values.
    public var kvCache: Int??
    public var kvFormat: CacheFormat?
    public var device: String?
    /// Bytes of a card's memory.
    public var gpuMemory: Int??
    public var threads: Int??
    public var batch: Int?
    public var queue: Int?
    public var stepTokens: Int?
    public var promptTokensBesideDecode: Int?
    public var prefixCache: Bool?
    public var prefixCacheDir: String??
    public var prefixCacheBytes: Int?
    public var draftTokens: Int?
    public var draftModel: String??

    public init() {}

    static let entries: [Entry<EngineOptions>] = [
        .setting(
            "context", \.context, .given(.optional(.count(1...(1 << 30), example: "32768"))), .restart,
            shownDefault: "what the model was trained for", "The most tokens of a prompt and its answer together."),
        .setting(
            "kv_cache", \.kvCache, .given(.optional(.bytes(1...(1 << 50)))), .restart,
            shownDefault: "half of what is free, at most four full contexts", "Memory for keys and values."),
        .setting(
            "kv_format", \.kvFormat, .given(.choice), .restart, shownDefault: "f16",
            "How keys and values are kept: int8 takes half the memory and gives slightly other answers."),
        .setting(
            "device", \.device, .given(.device), .restart, environment: "HADAL_DEVICE", shownDefault: "cpu",
            "Where the model is computed: cpu, cuda (the first card), cuda:1, or cuda:UUID (docs/cuda.md)."),
        .setting(
            "gpu_memory", \.gpuMemory, .given(.optional(.bytes(1...(1 << 50)))), .restart,
            shownDefault: "all that is free",
            "The most of a card's memory. Experts that do not fit are computed by the processor (docs/cuda.md)."),
        .setting(
            "threads", \.threads, .given(.optional(.count(1...1024))), .restart, environment: "HADAL_THREADS",
            shownDefault: "one a core", "Threads that compute."),
        .setting(
            "batch", \.batch, .given(.count(1...65_536, example: "32")), .restart, shownDefault: "32",
            "Requests computed at the same time."),
        .setting(
            "queue", \.queue, .given(.count(1...1_000_000, example: "256")), .restart, shownDefault: "256",
            "Requests that may wait; one more is refused with 429."),
        .setting(
            "step_tokens", \.stepTokens, .given(.count(1...65_536, example: "512")), .restart, shownDefault: "512",
            "Tokens computed in one step; takes memory."),
        .setting(
            "prompt_tokens_beside_decode", \.promptTokensBesideDecode, .given(.count(1...65_536, example: "128")),
            .restart, shownDefault: "128",
            "Tokens of prompts in a step in which other requests generate: fewer let these go on more evenly, more bring "
                + "the first token sooner."),
        .setting(
            "prefix_cache", \.prefixCache, .given(.boolean), .restart, shownDefault: "true",
            "Reuse what texts that begin alike have in common."),
        .setting(
            "prefix_cache_dir", \.prefixCacheDir, .given(.optional(.path(example: "/var/cache/hadal"))), .restart,
            shownDefault: "none",
            "Keep cached prefixes in this directory, so that they outlive a restart. Prompts can be read from it unless "
                + "secrets.encrypt has conversations."),
        .setting(
            "prefix_cache_bytes", \.prefixCacheBytes, .given(.bytes(1...(1 << 50), example: "4GiB")), .restart,
            shownDefault: "4GiB", "The most bytes there for each model."),
        .setting(
            "draft_tokens", \.draftTokens, .given(.count(0...16, example: "4")), .restart, shownDefault: "4",
            "Tokens guessed ahead of an answer, where that makes it faster. Answers stay the same. 0 guesses none."),
        .setting(
            "draft_model", \.draftModel, .given(.optional(.model)), .restart, shownDefault: "none",
            "A smaller model with the same vocabulary that guesses ahead. Answers stay the same."),
    ]

    /// What is given, for the command line of a worker.
    public var arguments: [String] {
        values().flatMap { setting -> [String] in
            let option = "--" + setting.path.replacing("_", with: "-")
            switch (setting.path, setting.value) {
            case (_, .null), (_, "none"), ("prefix_cache", .bool(true)): return []
            case ("prefix_cache", _): return ["--no-prefix-cache"]
            case (_, let value): return [option, value.settingText]
            }
        }
    }
}
