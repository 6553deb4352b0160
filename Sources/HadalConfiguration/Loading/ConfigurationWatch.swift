import Synchronization

/// The configuration that counts now, in a server that runs. A reload either takes all of a new one or nothing.
public final class ConfigurationWatch: Sendable {
    public typealias Use = @Sendable (Loaded) throws -> Void

    private struct State {
        var current: Loaded
        var use: Use?
    }

    private let state: Mutex<State>
    /// One reload at a time.
    private let reloading = Mutex(())
    private let load: @Sendable () throws(ConfigurationError) -> Loaded

    /// - Parameter load: reads the sources anew.
    /// - Throws: what is wrong with the configuration; there is then nothing to start with.
    public init(load: @escaping @Sendable () throws(ConfigurationError) -> Loaded) throws(ConfigurationError) {
        let first = try load()
        self.load = load
        state = Mutex(State(current: first))
    }

    public var current: Loaded { state.withLock(\.current) }

    /// - Parameter use: takes a new configuration over. Where it throws, the old one goes on counting.
    public func whenReloaded(_ use: @escaping Use) { state.withLock { $0.use = use } }

    /// Reads the configuration anew and has it used, also where no setting changed: the files that settings name may have.
    /// - Returns: what changed.
    /// - Throws: what is wrong; the old one goes on counting.
    @discardableResult
    public func reload() throws -> [Loaded.Change] {
        try reloading.withLock { _ in
            let new = try load()
            let (old, use) = state.withLock { ($0.current, $0.use) }
            try use?(new)
            state.withLock { $0.current = new }
            return old.changes(to: new)
        }
    }
}
