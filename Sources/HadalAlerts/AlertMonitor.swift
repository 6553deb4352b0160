import Foundation
import Logging
import ServiceLifecycle

/// Looks at the metrics four times a minute, tells people what becomes of alerts, and keeps what it knows in a file.
public actor AlertMonitor: Service {
    public static let interval = Duration.seconds(15)

    private var engine: AlertEngine
    private var history = History()
    private let source: String
    private let file: String?
    private let delivery: AlertDelivery
    private let scrape: @Sendable () async -> String
    private let act: @Sendable (AlertEvent) async -> Void
    private let clock: AlertClock
    private let logger: Logger

    /// - Parameters:
    ///   - source: the server's name, for messages.
    ///   - file: where the state is kept; nil: nowhere. One that cannot be read is told of and left out.
    ///   - scrape: the metrics as a scraper gets them (text format 0.0.4).
    ///   - act: does what an event says is due (`AlertEvent.action`). Nothing is looked at while it does.
    /// - Throws: `AlertError.rule`.
    public init(
        rules: [AlertRule], repeatAfter: TimeInterval = 4 * 3600, source: String, file: String?,
        delivery: AlertDelivery,
        scrape: @escaping @Sendable () async -> String, act: @escaping @Sendable (AlertEvent) async -> Void,
        clock: AlertClock = .system, logger: Logger
    ) throws(AlertError) {
        let state = file.flatMap { Self.kept($0, logger) } ?? AlertState()
        engine = try AlertEngine(rules: rules, state: state, repeatAfter: repeatAfter)
        (self.source, self.file, self.delivery, self.scrape) = (source, file, delivery, scrape)
        (self.act, self.clock, self.logger) = (act, clock, logger)
    }

    private static func kept(_ file: String, _ logger: Logger) -> AlertState? {
        guard let json = FileManager.default.contents(atPath: file) else { return nil }
        do throws(AlertError) { return try AlertState(json: json) } catch {
            logger.error("\(error)", metadata: ["file": "\(file)"])
            return nil
        }
    }

    /// Until the service is shut down.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.look()
                do { try await self.clock.sleep(Self.interval) } catch { return }
            }
        }
    }

    /// One look: scrape, evaluate, tell, act.
    public func look() async {
        let text = await scrape()
        let now = clock.now()
        do throws(AlertError) {
            history.add(try MetricFrame(parsing: text, time: now, wanted: engine.selectors))
        } catch {
            // Then nothing is known, which is no reason to say that all is well.
            return logger.error("alerts are not evaluated: \(error)")
        }
        let before = engine.state
        let events = engine.evaluate(history, now: now)
        if !engine.state.isSame(as: before) { save() }
        if let message = AlertMessage(events, source: source, time: now) { delivery.send(message) }
        for event in events where event.action != nil { await act(event) }
    }

    private func save() {
        guard let file else { return }
        do {
            let json = try engine.state.json()
            try json.write(to: URL(fileURLWithPath: file), options: .atomic)
        } catch { logger.error("the state of alerts cannot be kept: \(error)", metadata: ["file": "\(file)"]) }
    }

    // MARK: for people

    /// Alerts that fire or are about to, silences and the last events.
    public var state: AlertState { engine.state }
    public var rules: [AlertRule] { engine.rules }

    /// By which nobody is told of the alert.
    public func silence(of alert: Alert) -> Silence? { engine.silence(of: alert, now: clock.now()) }

    public func add(_ silence: Silence) {
        engine.add(silence)
        save()
    }

    /// - Returns: whether there was one.
    public func removeSilence(id: String) -> Bool {
        defer { save() }
        return engine.removeSilence(id: id)
    }

    /// Goes on with other rules, when the configuration was read again.
    /// - Throws: `AlertError.rule`; then nothing has changed.
    public func replace(rules: [AlertRule]) throws(AlertError) {
        engine = try AlertEngine(rules: rules, state: engine.state, repeatAfter: engine.repeatAfter)
    }
}
