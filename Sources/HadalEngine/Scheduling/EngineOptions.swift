/// How an engine shares its time and memory among requests.
public struct EngineOptions: Sendable, Hashable {
    /// Requests computed at the same time: the rows of a decode step. More raise throughput until arithmetic binds, and
    /// slow each one down.
    public var sequencesMax = 32
    /// Requests that may wait; one more is refused (`EngineError.queueFull`).
    public var waitingMax = 256
    /// Rows of prompts in a step in which others decode: bounds how long these wait for their next token.
    public var promptRowsBesideDecode = 128
    /// Rows of prompts in any other step; nil: all that the model can compute at once.
    public var promptRows: Int?
    /// How much a generated token counts beside a prompt's token when tenants are compared.
    public var generatedTokenWeight = 2
    /// Whether requests of a tenant share the blocks of texts that begin alike, and find those of earlier ones.
    public var reusesPrefixes = true
    /// Where blocks go that memory has no room for, and all of them when the engine stops; nil: they are lost.
    public var prefixStore: PrefixStoreOptions?
    /// How tokens are guessed ahead.
    public var speculation = SpeculationOptions()
    /// Blocks read from the prefix store in a step in which others compute: bounds how long these wait.
    public var reloadsBesideOthers = 8

    public init() {}

    /// - Throws: `EngineError.invalidParameter`.
    func validate() throws(EngineError) {
        func atLeastOne(_ name: String, _ value: Int) throws(EngineError) {
            guard value >= 1 else { throw .invalidParameter(name, problem: "\(value) is not at least 1") }
        }
        try atLeastOne("sequencesMax", sequencesMax)
        try atLeastOne("waitingMax", waitingMax)
        try atLeastOne("promptRowsBesideDecode", promptRowsBesideDecode)
        try atLeastOne("promptRows", promptRows ?? 1)
        try atLeastOne("generatedTokenWeight", generatedTokenWeight)
        try atLeastOne("reloadsBesideOthers", reloadsBesideOthers)
        guard (0...SpeculationOptions.draftsLimit).contains(speculation.draftsMax) else {
            throw .invalidParameter(
                "speculation.draftsMax",
                problem: "\(speculation.draftsMax) is not between 0 and \(SpeculationOptions.draftsLimit)")
        }
    }
}

/// Where and how much of the prefix cache is kept on disk.
public struct PrefixStoreOptions: Sendable, Hashable {
    /// The directory; made where it is missing.
    public var directory: String
    public var bytesMax: Int
    /// Nil: prompts can be read from what lies there.
    public var key: PrefixKey?

    public init(directory: String, bytesMax: Int = 4 << 30, key: PrefixKey? = nil) {
        self.directory = directory
        self.bytesMax = bytesMax
        self.key = key
    }
}
