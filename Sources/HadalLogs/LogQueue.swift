import Foundation

/// Takes events from any thread and writes them on one of its own, so that nobody who logs ever waits for a disk or a pipe. It
/// holds so many bytes and no more: what does not fit is counted, and the count is told with the next events.
public final class LogQueue: @unchecked Sendable {
    /// A burst of some ten thousand events.
    static let bytesMax = 4 << 20

    private let condition = NSCondition()
    // Guarded by the condition.
    private var waiting: [LogRecord] = []
    private var waitingBytes = 0
    private var dropped = 0
    private var isWriting = false
    private var isClosed = false
    /// Used by the thread alone.
    private let place: any LogPlace
    private let fallback: any LogPlace
    private let limit: Int

    /// - Parameter fallback: where events go while `place` cannot be written.
    init(_ place: any LogPlace, fallback: any LogPlace = StandardErrorPlace(), limit: Int = bytesMax) {
        (self.place, self.fallback, self.limit) = (place, fallback, limit)
        let thread = Thread { self.run() }
        thread.name = "log"
        thread.start()
    }

    func add(_ record: LogRecord) {
        let bytes = record.line.utf8.count + record.message.utf8.count
        condition.withLock {
            guard waitingBytes + bytes <= limit else {
                dropped += 1
                return
            }
            waiting.append(record)
            waitingBytes += bytes
            condition.signal()
        }
    }

    /// Waits until all that was added before is written; at most so long, for a pipe that nobody reads must not keep a program
    /// from ending.
    public func flush(within time: TimeInterval = 2) {
        let end = Date(timeIntervalSinceNow: time)
        condition.withLock { while !waiting.isEmpty || isWriting, condition.wait(until: end) {} }
    }

    /// Flushes, and ends the thread, which holds the queue until then.
    func close() {
        flush()
        condition.withLock {
            isClosed = true
            condition.broadcast()
        }
    }

    private func run() {
        while true {
            let (records, lost) = condition.withLock { () -> ([LogRecord], Int) in
                isWriting = false
                condition.broadcast()
                while waiting.isEmpty, !isClosed { condition.wait() }
                defer { (waiting, waitingBytes, dropped) = ([], 0, 0) }
                isWriting = !waiting.isEmpty
                return (waiting, dropped)
            }
            if records.isEmpty { return }
            write(
                lost == 0 ? records : records + [.notice("\(lost) events were not logged: there were too many at once")]
            )
        }
    }

    private func write(_ records: [LogRecord]) {
        do { try place.write(records) } catch {
            try? fallback.write(records + [.notice("the log cannot be written: \(error)")])
        }
    }
}

extension LogRecord {
    static func notice(_ message: String) -> LogRecord {
        LogRecord(
            severity: 4, line: LogFormat.json.line(level: "warning", label: "hadal", message, []), message: message,
            metadata: [])
    }
}
