/// One of those that do a target's work: a worker or an upstream.
public struct Member: Sendable, Hashable {
    /// Unique in its target.
    public var id: String
    /// Its share of the work is this by the sum of all; at least 1.
    public var weight: Int
    /// How many requests it may have at once; nil for any number.
    public var concurrency: Int?
    /// Finishes what it has and gets nothing new.
    public var isDraining: Bool
    /// Gets something new only where nobody else can be asked.
    public var isSetAside: Bool

    public init(
        _ id: String, weight: Int = 1, concurrency: Int? = nil, isDraining: Bool = false, isSetAside: Bool = false
    ) {
        self.id = id
        self.weight = min(max(weight, 1), 1_000_000)
        self.concurrency = concurrency
        self.isDraining = isDraining
        self.isSetAside = isSetAside
    }
}

/// The beginning of a prompt.
public struct PrefixDigest: Sendable, Hashable {
    /// Of the tenant and all that is in the beginning: prompts of different tenants share no cache. A collision costs
    /// time only.
    public var digest: UInt64
    /// How long the beginning is.
    public var tokens: Int

    public init(digest: UInt64, tokens: Int) {
        self.digest = digest
        self.tokens = tokens
    }
}

/// What a balancer is to place.
public struct Work: Sendable, Hashable {
    /// An estimate of what it takes: the prompt's tokens and those of the answer; at least 1.
    public var tokens: Int
    /// Beginnings of the prompt, from short to long; empty where it does not matter who does it.
    public var prefixes: [PrefixDigest]

    public init(tokens: Int, prefixes: [PrefixDigest] = []) {
        self.tokens = min(max(tokens, 1), 1_000_000_000)
        self.prefixes = prefixes
    }
}

public struct BalancerSettings: Sendable, Hashable {
    /// A member that knows a prompt's beginning gets it while its load is at most so many times its share of the
    /// whole load,
    public var boundFactor = 1.25
    /// and so many tokens more.
    public var boundSlack = 4096
    /// How many beginnings are remembered; at least 1.
    public var prefixCapacity = 65_536

    public init() {}
}
