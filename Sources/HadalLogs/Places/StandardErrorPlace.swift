import Foundation

/// Standard error, as containers and systemd want it.
final class StandardErrorPlace: LogPlace {
    func write(_ records: [LogRecord]) throws {
        let text = records.map { $0.line + "\n" }.joined()
        do { try FileHandle.standardError.write(contentsOf: Data(text.utf8)) } catch {
            throw LogError.system(path: "standard error", operation: "write", code: EPIPE)
        }
    }
}
