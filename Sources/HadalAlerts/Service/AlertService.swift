import Foundation
import HadalJSON
import Logging
import ServiceLifecycle
import Synchronization

/// Looks at the server's own metrics for as long as it runs, and tells people what is wrong.
public final class AlertService: Service {
    /// Of what is kept between two processes.
    public typealias StateFile = (read: @Sendable () throws -> Data?, write: @Sendable (Data) throws -> Void)

    private struct State: Sendable {
        var engine: AlertEngine
        var history = History()
        /// Why the last look came to nothing.
        var problem: String?
        /// What was last written.
        var written: AlertState?
        var cannotWrite = false
        /// Another process looks at what is served.
        var isGivenAway = false
    }

    private let metrics: @Sendable () async -> String
    private let interval: Duration
    private let source: String
    private let file: StateFile?
    private let delivery: AlertDelivery
    private let logger: Logger
    private let held: Mutex<State>

    /// - Parameters:
    ///   - interval: between two looks.
    ///   - source: which server it is, for those who are told.
    ///   - file: nil: what fires is told again after a restart.
    ///   - metrics: the server's, in Prometheus' text format.
    /// - Throws: `AlertError` where a rule makes no sense.
    public init(
        rules: [AlertRule], routes: [AlertRoute], interval: Duration, repeatAfter: Duration, source: String,
        file: StateFile?, logger: Logger, metrics: @escaping @Sendable () async -> String
    ) throws(AlertError) {
        var state = AlertState()
        do {
            if let data = try file?.read() { state = try AlertState(json: data) }
        } catch { logger.warning("what was known of alerts is lost: \(error)") }
        let engine = try AlertEngine(
            rules: rules, state: state, repeatAfter: TimeInterval(repeatAfter / .seconds(1)))
        (self.interval, self.source, self.file, self.logger, self.metrics) = (interval, source, file, logger, metrics)
        delivery = AlertDelivery(routes, logger: logger)
        held = Mutex(State(engine: engine))
    }

    public func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [delivery] in try await delivery.run() }
            group.addTask {
                await cancelWhenGracefulShutdown {
                    while (try? await Task.sleep(for: self.interval)) != nil { await self.look(now: Date()) }
                }
            }
            try await group.waitForAll()
        }
    }

    /// One look. What it finds is told to the channels.
    func look(now: Date) async {
        let (wanted, isGivenAway) = held.withLock { ($0.engine.selectors, $0.isGivenAway) }
        if isGivenAway { return }
        let text = await metrics()
        let frame: MetricFrame
        do throws(AlertError) { frame = try MetricFrame(parsing: text, time: now, wanted: wanted) } catch {
            return fail("\(error)")
        }
        let events = held.withLock { state in
            state.problem = nil
            state.history.add(frame)
            return state.engine.evaluate(state.history, now: now)
        }
        keep()
        for event in events where event.silence == nil {
            let metadata: Logger.Metadata = ["rule": "\(event.rule)", "value": "\(event.valueText)"]
            logger.log(level: event.level == nil ? .notice : .warning, "\(event.headline)", metadata: metadata)
        }
        if let message = AlertMessage(events.filter { $0.silence == nil }, source: source, time: now) {
            delivery.send(message)
        }
    }

    private func fail(_ problem: String) {
        let isNew = held.withLock { state in
            defer { state.problem = problem }
            return state.problem != problem
        }
        if isNew { logger.error("alerts cannot be computed: \(problem)") }
    }

    /// Writes what has changed.
    private func keep() {
        guard let file else { return }
        let (state, written, failed) = held.withLock { ($0.engine.state, $0.written, $0.cannotWrite) }
        if let written, state.isSame(as: written) { return }
        do {
            try file.write(try state.json())
            held.withLock { ($0.written, $0.cannotWrite) = (state, false) }
        } catch {
            if !failed { logger.error("what is known of alerts cannot be kept: \(error)") }
            held.withLock { $0.cannotWrite = true }
        }
    }

    /// From here on nothing is looked at, told or written.
    public func giveAway() { held.withLock { $0.isGivenAway = true } }

    // MARK: for people

    /// Alerts, silences, channels, the last events.
    public var json: JSON {
        let (engine, problem) = held.withLock { ($0.engine, $0.problem) }
        let now = Date()
        let alerts = engine.state.alerts.sorted { ($1.level ?? .warning, $0.rule) < ($0.level ?? .warning, $1.rule) }
        return .compact([
            ("problem", problem.map(JSON.string)),
            ("alerts", .array(alerts.map { $0.json(silence: engine.silence(of: $0, now: now)) })),
            ("silences", .array(engine.state.silences.map(\.json))), ("channels", .array(delivery.status.map(\.json))),
            ("recent", .array(engine.state.recent.suffix(50).reversed().map(\.json))),
            ("rules", .array(engine.rules.map { .string($0.name) })),
        ])
    }

    /// - Throws: `AlertError` where there is no such rule.
    public func add(_ silence: Silence) throws(AlertError) {
        let known = held.withLock(\.engine.rules).map(\.name)
        if let rule = silence.rule, !known.contains(rule) { throw .noSuchRule(rule, known: known) }
        held.withLock { $0.engine.add(silence) }
        keep()
    }

    /// - Returns: whether there was one.
    public func removeSilence(id: String) -> Bool {
        let isRemoved = held.withLock { $0.engine.removeSilence(id: id) }
        keep()
        return isRemoved
    }

    /// Sends one message to one channel, and waits for what comes of it.
    public func test(channel: String) async throws(AlertError) {
        try await delivery.test(channel, .test(source: source))
    }
}

extension AlertMessage {
    fileprivate static func test(source: String) -> AlertMessage {
        let now = Date()
        let event = AlertEvent(
            kind: .firing, time: now, id: AlertEvent.id("Test", [:]), rule: "Test", labels: [:], level: .warning,
            previousLevel: nil, value: 1, valueText: "1", since: now, summary: "This is a test; nothing is wrong.",
            advice: "There is nothing to do.", action: nil, silence: nil)
        return AlertMessage([event], source: source, time: now)!
    }
}
