import Foundation
import HadalConfiguration
import HadalGateway
import HadalLogs
import Logging

/// Starts the process's log; without settings to standard error, where `HADAL_LOG` sets the level.
func startLogging(_ settings: LogSettings? = nil) {
    let level =
        settings.flatMap { Logger.Level(rawValue: $0.level.rawValue) }
        ?? ProcessInfo.processInfo.environment["HADAL_LOG"].flatMap { Logger.Level(rawValue: $0) } ?? .notice
    Logs.start(
        settings?.destination ?? .standardError, settings?.format == .json ? .json : .text, level: level,
        RequestIdentity.metadata)
}

extension LogSettings {
    fileprivate var destination: Logs.Destination {
        switch to {
        case .stderr: .standardError
        case .file: .file(file ?? "", bytes: rotateBytes, age: rotateAge / .seconds(1))
        case .syslog: .syslog
        case .journal: .journal
        }
    }
}
