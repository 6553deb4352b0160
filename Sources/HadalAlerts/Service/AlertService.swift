import Foundation
import HadalJSON
import Logging
import ServiceLifecycle
import Synchronization

/// Looks at the server's own metrics for as long as it runs, and tells people what is wrong.
public final class AlertService: Service {
    /// Of what is kept between two processes.
    public typealias StateFile = (read: @Sendable () throws -> Data?, write: @Sendable (Data) throws -> Void)

    struct State: Sendable {
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
    let source: String
    private let file: StateFile?
    let delivery: AlertDelivery
    /// nil: nothing is done by itself.
    let healer: (any Healer)?
    private let orders: AsyncStream<AlertActs.Order>
    private let order: AsyncStream<AlertActs.Order>.Continuation
    private let logger: Logger
    let held: Mutex<State>

    /// - Parameters:
    ///   - interval: between two looks.
    ///   - source: which server it is, for those who are told.
    ///   - file: nil: what fires is told again after a restart.
    ///   - healer: nil: what is due is only told.
    ///   - metrics: the server's, in Prometheus' text format.
    /// - Throws: `AlertError` where a rule makes no sense.
    public init(
        rules: [AlertRule], routes: [AlertRoute], interval: Duration, repeatAfter: Duration, source: String,
        file: StateFile?, healer: (any Healer)? = nil, logger: Logger,
        metrics: @escaping @Sendable () async -> String
    ) throws(AlertError) {
        var state = AlertState()
        do {
            if let data = try file?.read() { state = try AlertState(json: data) }
        } catch { logger.warning("what was known of alerts is lost: \(error)") }
        let engine = try AlertEngine(
            rules: rules, state: state, repeatAfter: TimeInterval(repeatAfter / .seconds(1)))
        (self.interval, self.source, self.file, self.logger, self.metrics) = (interval, source, file, logger, metrics)
        delivery = AlertDelivery(routes, logger: logger)
        self.healer = healer
        (orders, order) = AsyncStream.makeStream()
        held = Mutex(State(engine: engine))
    }

    public func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [delivery] in try await delivery.run() }
            if let acts {
                // What lasted when the server before this one ended goes on.
                order.yield(.keep)
                group.addTask { [orders] in await cancelWhenGracefulShutdown { await acts.run(orders) } }
            }
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
        let (events, over) = held.withLock { state -> ([AlertEvent], [AlertEvent]) in
            if state.isGivenAway { return ([], []) }
            state.problem = nil
            state.history.add(frame)
            let events = state.engine.evaluate(state.history, now: now)
            return (events, state.engine.endMeasures(now: now))
        }
        keep()
        tell(events, now: now)
        guard healer != nil else { return }
        for event in over { order.yield(.end(event)) }
        order.yield(.keep)
        for event in events where event.action != nil { order.yield(.act(event)) }
    }

    func tell(_ events: [AlertEvent], now: Date) {
        for event in events where event.silence == nil {
            let metadata: Logger.Metadata = ["rule": "\(event.rule)", "value": "\(event.valueText)"]
            logger.log(level: event.level == nil ? .notice : .warning, "\(event.headline)", metadata: metadata)
        }
        if let message = AlertMessage(events, source: source, time: now) { delivery.send(message) }
    }

    private func fail(_ problem: String) {
        let isNew = held.withLock { state in
            defer { state.problem = problem }
            return state.problem != problem
        }
        if isNew { logger.error("alerts cannot be computed: \(problem)") }
        order.yield(.keep)
    }

    /// Writes what has changed.
    func keep() {
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

    /// From here on nothing is looked at, told, done or written, and nothing lasts here any more.
    public func giveAway() {
        held.withLock { $0.isGivenAway = true }
        order.yield(.keep)
    }
}
