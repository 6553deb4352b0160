/// A compiled grammar. It knows nothing of tokens: a `Constraint` joins it with a vocabulary.
public struct Grammar: Sendable {
    package let network: Network
    let depthMax: Int

    /// - Throws: `GrammarError`; everything about `source` that cannot be held to.
    public init(_ source: GrammarSource, limits: GrammarLimits = GrammarLimits()) throws(GrammarError) {
        var builder = NetworkBuilder(limits: limits)
        let root = try builder.rule("root")
        var writer = SourceWriter(builder)
        let end = try writer.write(source, from: builder.start(of: root))
        builder = writer.builder
        builder.accept(end)
        network = try builder.network(root: root)
        depthMax = limits.depth
    }

    /// Whether a whole text matches.
    public func matches(_ text: some Sequence<UInt8>) -> Bool {
        var arena = Arena(network, depthMax: depthMax)
        var node = arena.start
        for byte in text {
            node = arena.advance(node, byte)
            if node == Arena.dead { return false }
        }
        return arena.mayEnd(node)
    }

    public func matches(_ text: String) -> Bool { matches(text.utf8) }

    /// Its size.
    public var stateCount: Int { network.stateCount }
}
