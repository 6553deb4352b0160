import Foundation
import HadalConfiguration
import HadalJSON
import Logging

/// Logs go to standard error; `HADAL_LOG` sets the level.
func startLogging(_ settings: LogSettings? = nil) {
    let level =
        settings.flatMap { Logger.Level(rawValue: $0.level.rawValue) }
        ?? ProcessInfo.processInfo.environment["HADAL_LOG"].flatMap { Logger.Level(rawValue: $0) } ?? .notice
    LoggingSystem.bootstrap { label in
        var handler: any LogHandler =
            settings?.format == .json ? JSONLogHandler(label: label) : StreamLogHandler.standardError(label: label)
        handler.logLevel = level
        return handler
    }
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
        FileHandle.standardError.write(Data((JSON.object(JSON.Object(members)).text + "\n").utf8))
    }
}
