import HadalJSON
import HadalWire
import Synchronization

/// Responses that were given, so that they can be asked for again and gone on with. Kept in memory, for a while: they end
/// with the process.
final class ResponseStore: Sendable {
    struct Entry: Sendable {
        var response: JSON
        var inputItems: [JSON]
        /// The conversation up to the answer, which is the last of them.
        var messages: [ChatMessage]

        /// Roughly, in memory.
        fileprivate var bytes: Int {
            response.text.utf8.count + inputItems.reduce(0) { $0 + $1.text.utf8.count }
                + messages.reduce(0) { $0 + $1.content.utf8.count + ($1.reasoning?.utf8.count ?? 0) + 256 }
        }
    }

    private struct Kept {
        var entry: Entry
        var bytes: Int
        var time: ContinuousClock.Instant
    }

    private struct State {
        var entries: [String: Kept] = [:]
        /// Oldest first; some may be gone.
        var order: [String] = []
        var bytes = 0

        mutating func remove(_ id: String) -> Bool {
            guard let kept = entries.removeValue(forKey: id) else { return false }
            bytes -= kept.bytes
            return true
        }
    }

    private let state = Mutex(State())
    private let bytesLimit: Int
    private let age: Duration

    init(bytesLimit: Int = 256 << 20, age: Duration = .seconds(24 * 3600)) {
        self.bytesLimit = bytesLimit
        self.age = age
    }

    func keep(_ id: String, _ entry: Entry) {
        let bytes = entry.bytes
        let now = ContinuousClock.now
        state.withLock { state in
            state.entries[id] = Kept(entry: entry, bytes: bytes, time: now)
            state.order.append(id)
            state.bytes += bytes
            while let oldest = state.order.first {
                let isOld = state.entries[oldest].map { now - $0.time > age } ?? true
                guard isOld || state.bytes > bytesLimit else { break }
                _ = state.remove(oldest)
                state.order.removeFirst()
            }
        }
    }

    /// - Throws: `GatewayError.noSuchResponse`.
    func entry(_ id: String, field: String? = nil) throws(GatewayError) -> Entry {
        let kept = state.withLock { $0.entries[id] }
        guard let kept, ContinuousClock.now - kept.time <= age else { throw .noSuch("response", id, field: field) }
        return kept.entry
    }

    func delete(_ id: String) throws(GatewayError) {
        guard state.withLock({ $0.remove(id) }) else { throw .noSuch("response", id, field: nil) }
    }
}
