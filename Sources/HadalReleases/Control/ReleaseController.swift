import Foundation
import Logging

/// Carries releases through. What is decided is in the store before anything is done for it, so that a controller that
/// opens the store after a crash goes on where the other was, and comes to the same end.
///
/// Acts return when they are decided and written; what they need is then done in the background (`settle` waits for
/// it). Call `resume` once, `tick` each second, `stop` at the end.
public actor ReleaseController {
    public nonisolated let store: ReleaseStore
    let actuator: any ReleaseActuator
    let clock: @Sendable () -> Date
    let logger: Logger
    private let onEvent: @Sendable (ReleaseEvent) throws -> Void
    nonisolated let book = ObservationBook()
    nonisolated let shadows = ShadowBook()

    /// Carries out the effects of an alias, one after the other.
    struct Driver {
        var number: Int
        var task: Task<Void, Never>
        /// Whose workers the effect under way changes.
        var version: Int?
    }

    var drivers: [String: Driver] = [:]
    /// Cancelled ones whose last effect is not over yet.
    var leaving: [String: [Driver]] = [:]
    private var driverCount = 0
    /// Whose requests have no workers yet since this controller began.
    var unrestored: Set<String> = []
    /// Whose other workers are not brought up yet: those of versions that get no requests.
    var unraised: Set<String> = []
    private var isStopped = false

    /// - Parameters:
    ///   - clock: wall time.
    ///   - onEvent: tells others (the audit) of each event, in order; waits for it. After a failure or a crash it is
    ///     told again, by its number. A failure does not hold a release up: it may be the one that takes a bad version
    ///     away.
    public init(
        store: ReleaseStore, actuator: any ReleaseActuator, logger: Logger,
        clock: @escaping @Sendable () -> Date = { Date() },
        onEvent: @escaping @Sendable (ReleaseEvent) throws -> Void = { _ in }
    ) {
        self.store = store
        self.actuator = actuator
        self.logger = logger
        self.clock = clock
        self.onEvent = onEvent
    }

    /// Brings up what is to be up, sets the traffic as it was, and goes on with what is half done.
    public func resume() throws(ReleaseError) {
        isStopped = false
        let aliases = try store.deployments().map(\.alias)
        unrestored = Set(aliases)
        unraised = unrestored
        for alias in aliases { changed(alias) }
    }

    /// Waits until nothing is to be done for an alias, or what failed waits for the next `tick`.
    public func settle(_ alias: String) async {
        while let driver = drivers[alias] { await driver.task.value }
    }

    /// Writes what was observed, and leaves everything else where it is; a later controller goes on with it.
    public func stop() async {
        isStopped = true
        let all = drivers.values.map(\.task) + leaving.values.flatMap { $0.map(\.task) }
        for task in all { task.cancel() }
        for task in all { await task.value }
        flush()
    }

    /// A change, and what follows from it.
    /// - Parameter isUrgent: what is being done for the alias is given up for it.
    func change<Value: Sendable>(
        _ alias: String, by: ReleasePerson, isUrgent: Bool = false, _ body: (Transition) throws -> Value
    ) throws(ReleaseError) -> Value {
        let now = clock()
        let value = try store.write { try body(Transition(db: $0, now: now, by: by)) }
        if isUrgent, let driver = drivers.removeValue(forKey: alias) {
            driver.task.cancel()
            leaving[alias, default: []].append(driver)
        }
        changed(alias)
        return value
    }

    /// After each change of an alias. The change is made, so what fails here is tried again and is no failure of it.
    func changed(_ alias: String) {
        tell()
        watch(alias)
        kick(alias)
    }

    func kick(_ alias: String) {
        guard !isStopped, drivers[alias] == nil else { return }
        driverCount += 1
        let number = driverCount
        drivers[alias] = Driver(number: number, task: Task { await drive(alias, number) })
    }

    /// Tells of events that nobody was told of.
    func tell() {
        do {
            while case let events = try store.read({ try EventTable.untold($0, limit: 100) }), !events.isEmpty {
                for event in events {
                    try onEvent(event)
                    try store.write { try EventTable.setTold($0, event.number) }
                }
            }
        } catch {
            logger.error("an event of a release was not recorded; it is tried again", metadata: ["problem": "\(error)"])
        }
    }
}
