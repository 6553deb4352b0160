import Synchronization

/// A grammar that holds a model to it: for each text so far, the tokens that may come next.
///
/// Immutable to its callers and used by any number of sequences at once; what has been found out for one serves all.
public final class Constraint: Sendable {
    /// How far a text has been read. A value: going back to an earlier one is keeping it.
    public struct State: Sendable {
        fileprivate let shelf: Shelf
        fileprivate let node: Int32
    }

    /// Beyond as many bytes the automaton found so far is given up and found again as it is needed.
    private static let bytesMax = 8 << 20

    public let vocabulary: Vocabulary
    private let network: Network
    private let depthMax: Int
    private let search: MaskSearch
    private let current: Mutex<Shelf>

    /// An arena and the masks of its nodes. States refer to theirs, so that it lives until the last of them has moved on.
    /// Read and changed under the constraint's lock alone.
    fileprivate final class Shelf: @unchecked Sendable {
        var arena: Arena
        var masks: [Int32: TokenMask] = [:]
        var maskBytes = 0

        init(_ arena: Arena) { self.arena = arena }

        var bytes: Int { arena.bytes + maskBytes }
    }

    public init(_ grammar: Grammar, vocabulary: Vocabulary) {
        self.vocabulary = vocabulary
        network = grammar.network
        depthMax = grammar.depthMax
        search = MaskSearch(vocabulary, grammar.network)
        current = Mutex(Shelf(Arena(grammar.network, depthMax: grammar.depthMax)))
    }

    /// Nothing has been read.
    public var start: State { current.withLock { State(shelf: $0, node: $0.arena.start) } }

    /// The state after more bytes; nil where they do not fit the grammar.
    public func advance(_ state: State, _ bytes: some Collection<UInt8>) -> State? {
        current.withLock { current in
            let shelf = shelf(&current)
            let start = place(of: state, on: shelf)
            var node = start
            for byte in bytes where node != Arena.dead { node = shelf.arena.advance(node, byte) }
            // Readings may have been left out on the way.
            if node == Arena.dead, shelf.arena.hasLeftOut { node = shelf.arena.advanceExactly(start, bytes) }
            return node == Arena.dead ? nil : State(shelf: shelf, node: node)
        }
    }

    /// The state after a token; nil where it does not fit the grammar.
    public func advance(_ state: State, token: Int32) -> State? {
        let bytes = vocabulary.bytes(of: token)
        return bytes.isEmpty ? nil : advance(state, bytes)
    }

    /// The tokens that may come next.
    public func mask(_ state: State) -> TokenMask {
        current.withLock { current in
            let shelf = shelf(&current)
            let node = shelf.arena.representative(
                of: place(of: state, on: shelf), forTextsOf: vocabulary.tokenBytesMax)
            if let known = shelf.masks[node] { return known }
            let mask = search.mask(of: node, in: &shelf.arena)
            shelf.masks[node] = mask
            shelf.maskBytes += mask.bytes + 64
            return mask
        }
    }

    /// Whether the text may end here.
    public func mayEnd(_ state: State) -> Bool {
        current.withLock { _ in state.shelf.arena.mayEnd(state.node) }
    }

    /// Whether the text must end here: it may, and nothing can follow.
    public func mustEnd(_ state: State) -> Bool {
        current.withLock { current in
            let shelf = shelf(&current)
            let node = place(of: state, on: shelf)
            guard shelf.arena.mayEnd(node) else { return false }
            return (0..<network.classCount).allSatisfy { shelf.arena.advance(node, class: $0) == Arena.dead }
        }
    }

    /// The bytes that follow whatever the model would like: as long as there is but one, and the text may not end.
    public func forcedBytes(_ state: State, limit: Int = 256) -> [UInt8] {
        current.withLock { current in
            let shelf = shelf(&current)
            var node = place(of: state, on: shelf)
            var forced: [UInt8] = []
            while forced.count < limit, !shelf.arena.mayEnd(node) {
                var only: Int?
                for byteClass in 0..<network.classCount where shelf.arena.advance(node, class: byteClass) != Arena.dead
                {
                    guard only == nil, network.isSingle[byteClass] else { return forced }
                    only = byteClass
                }
                guard let only else { return forced }
                forced.append(network.byteOf[only])
                node = shelf.arena.advance(node, class: only)
            }
            return forced
        }
    }

    /// What has been found out so far takes about as many bytes.
    public var memory: Int { current.withLock { $0.bytes } }

    /// The shelf to use; a new one where the old one has grown too large.
    private func shelf(_ current: inout Shelf) -> Shelf {
        if current.bytes > Constraint.bytesMax { current = Shelf(Arena(network, depthMax: depthMax)) }
        return current
    }

    private func place(of state: State, on shelf: Shelf) -> Int32 {
        state.shelf === shelf ? state.node : shelf.arena.adopt(state.node, of: state.shelf.arena)
    }
}
