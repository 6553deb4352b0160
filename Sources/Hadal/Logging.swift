import Foundation
import HadalConfiguration
import HadalJSON
import Logging
import Synchronization

/// Logs go to standard error; `HADAL_LOG` sets the level.
func startLogging(_ settings: LogSettings? = nil) {
    LogLevel.now =
        settings.flatMap { Logger.Level(rawValue: $0.level.rawValue) }
        ?? ProcessInfo.processInfo.environment["HADAL_LOG"].flatMap { Logger.Level(rawValue: $0) } ?? .notice
    LoggingSystem.bootstrap { label in
        ChangingLevel(
            inner: settings?.format == .json
                ? JSONLogHandler(label: label) : StreamLogHandler.standardError(label: label))
    }
}

/// The least important events that are logged. All loggers ask for it, so that it can change while the process runs.
enum LogLevel {
    private static let all = Logger.Level.allCases
    private static let index = Atomic(0)

    static var now: Logger.Level {
        get { all[index.load(ordering: .relaxed)] }
        set { index.store(all.firstIndex(of: newValue) ?? 0, ordering: .relaxed) }
    }
}

/// Loggers have copies of their handlers, which would keep the level they were made with.
private struct ChangingLevel: LogHandler {
    var inner: any LogHandler
    /// That of one logger alone, where somebody has set it.
    private var own: Logger.Level?

    init(inner: any LogHandler) { self.inner = inner }

    var logLevel: Logger.Level {
        get { own ?? LogLevel.now }
        set { own = newValue }
    }

    var metadata: Logger.Metadata {
        get { inner.metadata }
        set { inner.metadata = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { inner[metadataKey: key] }
        set { inner[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) { inner.log(event: event) }
}

/// Writes each event as a JSON object on a line of its own.
private struct JSONLogHandler: LogHandler {
    let label: String
    var logLevel = Logger.Level.notice
    var metadata = Logger.Metadata()

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        let members: [(String, JSON)] =
            [
                (
                    "time",
                    .string(Date().formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true)))
                ),
                ("level", .string(event.level.rawValue)), ("label", .string(label)),
                ("message", .string("\(event.message)")),
            ]
            + all.sorted { $0.key < $1.key }.map { ($0.key, .string("\($0.value)")) }
        try? FileHandle.standardError.write(contentsOf: Data((JSON.object(JSON.Object(members)).text + "\n").utf8))
    }
}
