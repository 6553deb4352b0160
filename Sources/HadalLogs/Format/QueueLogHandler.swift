import Logging

/// Makes lines of events and hands them to the queue.
struct QueueLogHandler: LogHandler {
    let label: String
    let format: LogFormat
    let queue: LogQueue
    /// Of the request that is being answered, among others.
    var metadataProvider: Logger.MetadataProvider?
    var logLevel = Logger.Level.notice
    var metadata = Logger.Metadata()

    init(label: String, _ format: LogFormat, _ queue: LogQueue, _ provider: Logger.MetadataProvider?) {
        (self.label, self.format, self.queue, metadataProvider) = (label, format, queue, provider)
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = (metadataProvider?.get() ?? [:]).merging(metadata) { $1 }.merging(event.metadata ?? [:]) { $1 }
        let members = all.sorted { $0.key < $1.key }.map { name, value in
            (name: name, value: Redaction.isSecret(name) ? Redaction.mark : Redaction.cleaned("\(value)"))
        }
        let message = Redaction.cleaned("\(event.message)")
        queue.add(
            LogRecord(
                severity: event.level.severity,
                line: format.line(level: event.level.rawValue, label: label, message, members), message: message,
                metadata: [("label", label)] + members))
    }
}

extension Logger.Level {
    /// RFC 5424, table 2.
    fileprivate var severity: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
