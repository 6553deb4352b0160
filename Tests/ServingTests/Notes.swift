import Logging
import Synchronization

/// What was logged: each event's message and metadata.
final class Notes: Sendable {
    let all = Mutex<[String]>([])

    var logger: Logger { Logger(label: "test") { _ in Handler(notes: self) } }

    func contains(_ texts: String...) -> Bool {
        all.withLock { $0.contains { line in texts.allSatisfy { line.contains($0) } } }
    }

    private struct Handler: LogHandler {
        let notes: Notes
        var metadata = Logger.Metadata()
        var logLevel = Logger.Level.notice

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let metadata = metadata.merging(event.metadata ?? [:]) { $1 }
            notes.all.withLock { $0.append("\(event.message) \(metadata)") }
        }
    }
}
