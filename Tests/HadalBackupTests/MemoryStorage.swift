import Foundation
import HadalObjects
import Synchronization

/// Objects in memory, in a place that fails when it is told to.
final class MemoryStorage: ObjectStorage {
    private struct State {
        var objects: [String: (bytes: Data, modified: Date)] = [:]
        var puts = 0
        var failsAt: Int?
        var gets: [String: Int] = [:]
        var listing: AsyncStream<Void>?
    }

    private let state = Mutex(State())

    var place: String { "memory" }

    /// The n-th `put` from now on finds the disk full; it has not stored anything.
    func fail(at count: Int?) {
        state.withLock { state in
            state.puts = 0
            state.failsAt = count
        }
    }

    /// Called with the name of each object before it is stored.
    let beforePut = Mutex<(@Sendable (String) -> Void)?>(nil)
    /// Objects with this prefix are stored, and the writer is told that they are not.
    let denied = Mutex<String?>(nil)

    /// How often an object was asked for.
    func gets(_ name: String) -> Int { state.withLock { $0.gets[name] ?? 0 } }

    /// Whoever lists chunks waits until the gate is opened (`finish`), as each whole snapshot does when it begins.
    func closeGate() -> AsyncStream<Void>.Continuation {
        let (stream, gate) = AsyncStream<Void>.makeStream()
        state.withLock { $0.listing = stream }
        return gate
    }

    var names: [String] { state.withLock { $0.objects.keys.sorted() } }
    var bytes: Int { state.withLock { $0.objects.values.reduce(0) { $0 + $1.bytes.count } } }

    func change(_ name: String, _ body: (inout Data) -> Void) { state.withLock { body(&$0.objects[name]!.bytes) } }
    func remove(_ name: String) { state.withLock { $0.objects[name] = nil } }
    func age(by seconds: TimeInterval) {
        state.withLock { state in for name in state.objects.keys { state.objects[name]!.modified -= seconds } }
    }

    func put(_ name: ObjectName, _ bytes: Data) async throws(ObjectError) {
        if let body = beforePut.withLock({ $0 }) { body(name.text) }
        let fails = state.withLock { state in
            state.puts += 1
            if state.puts == state.failsAt { return true }
            state.objects[name.text] = (bytes, Date())
            return false
        }
        if fails { throw .system(path: name.text, operation: "write", code: ENOSPC) }
        if let prefix = denied.withLock({ $0 }), name.text.hasPrefix(prefix) {
            throw .system(path: name.text, operation: "write", code: ETIMEDOUT)
        }
    }

    func get(_ name: ObjectName, limit: Int) async throws(ObjectError) -> Data {
        let found = state.withLock { state in
            state.gets[name.text, default: 0] += 1
            return state.objects[name.text]?.bytes
        }
        guard let bytes = found else {
            throw .notFound(place: place, name: name.text)
        }
        guard bytes.count <= limit else { throw .tooLarge(place: place, name: name.text, limit: limit) }
        return bytes
    }

    func stat(_ name: ObjectName) async throws(ObjectError) -> StoredObject? {
        let object = state.withLock { $0.objects[name.text] }
        return object.map { StoredObject(name: name, size: Int64($0.bytes.count), modified: $0.modified) }
    }

    func list(_ prefix: String) async throws(ObjectError) -> [StoredObject] {
        if prefix == "chunks/", let stream = state.withLock({ $0.listing }) { for await _ in stream {} }
        let found = state.withLock { state in state.objects.filter { $0.key.hasPrefix(prefix) } }
        var all: [StoredObject] = []
        for (name, object) in found.sorted(by: { $0.key < $1.key }) {
            all.append(
                StoredObject(name: try ObjectName(name), size: Int64(object.bytes.count), modified: object.modified))
        }
        return all
    }

    func delete(_ name: ObjectName) async throws(ObjectError) { remove(name.text) }

    func upload(
        _ name: ObjectName, file: String, sha256: String, progress: @escaping @Sendable (Int64) -> Void
    ) async throws(ObjectError) { fatalError("backups use put") }

    func read(
        _ name: ObjectName, from offset: Int64, _ take: @escaping @Sendable (Data) async throws(ObjectError) -> Void
    ) async throws(ObjectError) { fatalError("backups use get") }
}
