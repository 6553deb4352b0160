import Foundation
import Logging
import Synchronization

/// The program's log: one for the process.
public enum Logs {
    public enum Destination: Sendable, Hashable {
        case standardError
        /// - Parameters:
        ///   - bytes: after which a file is put aside.
        ///   - age: seconds after which it is, and after which what was put aside is removed.
        case file(String, bytes: Int, age: TimeInterval)
        case syslog, journal
    }

    private static let levels = Logger.Level.allCases
    private static let index = Atomic(0)

    /// The least important events that are logged. All loggers ask for it, so that it can change while the process runs.
    public static var level: Logger.Level {
        get { levels[index.load(ordering: .relaxed)] }
        set { index.store(levels.firstIndex(of: newValue) ?? 0, ordering: .relaxed) }
    }

    /// - Parameter provider: what each event has beside its own members, such as the request's id.
    public static func start(
        _ destination: Destination, _ format: LogFormat, level: Logger.Level, _ provider: Logger.MetadataProvider? = nil
    ) {
        self.level = level
        let place: any LogPlace =
            switch destination {
            case .standardError: StandardErrorPlace()
            case .file(let path, let bytes, let age): RotatingFile(path, .init(bytes: Int64(bytes), age: age))
            case .syslog: DatagramPlace(.syslog)
            case .journal: DatagramPlace(.journal)
            }
        let queue = LogQueue(place)
        current.withLock { $0 = queue }
        atexit { Logs.flush() }
        LoggingSystem.bootstrap(
            { label, provider in LeveledLogHandler(inner: QueueLogHandler(label: label, format, queue, provider)) },
            metadataProvider: provider)
    }

    private static let current = Mutex<LogQueue?>(nil)

    /// Waits until what was logged is written, before the process ends or becomes another.
    public static func flush() { current.withLock { $0 }?.flush() }
}

/// Loggers have copies of their handlers, which would keep the level they were made with.
private struct LeveledLogHandler: LogHandler {
    var inner: QueueLogHandler
    /// That of one logger alone, where somebody has set it.
    private var own: Logger.Level?

    init(inner: QueueLogHandler) { self.inner = inner }

    var logLevel: Logger.Level {
        get { own ?? Logs.level }
        set { own = newValue }
    }

    var metadata: Logger.Metadata {
        get { inner.metadata }
        set { inner.metadata = newValue }
    }

    var metadataProvider: Logger.MetadataProvider? {
        get { inner.metadataProvider }
        set { inner.metadataProvider = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { inner[metadataKey: key] }
        set { inner[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) { inner.log(event: event) }
}
