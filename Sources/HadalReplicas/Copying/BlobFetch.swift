import Foundation
import HadalObjects
import HadalStore
import Synchronization

/// Brings files from replicas to this machine. What came before it was cut off is gone on with, from whichever replica.
struct BlobFetch: Sendable {
    private static let saveBytes: Int64 = 16 << 20

    let store: ModelStore
    let replicas: [Replica]

    /// - Parameter progress: is given how many bytes more are here; fewer than none where they turned out wrong.
    /// - Returns: the whole, checked file, not yet a blob, and the place that its last bytes came from.
    /// - Throws: `ReplicaError.noWholeCopy`; `StoreError` where this machine cannot take it.
    func run(
        _ file: Manifest.File, progress: @escaping @Sendable (Int64) -> Void
    ) async throws -> (file: PartialFile, place: String) {
        let partial = try PartialFile(
            store.partial("\(file.digest)"), size: file.size, name: file.path.text, saveBytes: Self.saveBytes,
            isNamedByContent: true)
        var problems: [PlaceProblem] = []
        for replica in replicas {
            do throws(Obstacle) {
                try await fill(partial, with: file, from: replica, progress)
                return (partial, replica.place)
            } catch {
                guard case .place(let problem) = error else { throw error.underlying }
                problems.append(PlaceProblem(replica.place, problem))
            }
        }
        throw ReplicaError.noWholeCopy(file: file.path.text, problems: problems)
    }

    private enum Obstacle: Error {
        /// Another place may do better.
        case place(String)
        /// None would.
        case machine(any Error)

        var underlying: any Error { if case .machine(let error) = self { error } else { self } }
    }

    private func fill(
        _ partial: PartialFile, with file: Manifest.File, from replica: Replica,
        _ progress: @escaping @Sendable (Int64) -> Void
    ) async throws(Obstacle) {
        while true {
            // What others began may be what is wrong with it.
            let isOwn = partial.doneBytes == 0
            try await read(partial, file, replica, progress)
            let digest: BlobDigest
            do {
                digest = try await onDisk { isStopped in
                    try FileHash.sha256(partial.path) { _ in if isStopped() { throw CancellationError() } }.digest
                }
            } catch { throw .machine(error) }
            if digest == file.digest { return }
            do { try partial.reset() } catch { throw .machine(error) }
            progress(-file.size)
            if isOwn { throw .place("\(file.path) has other bytes there: their SHA-256 is \(digest.hex)") }
        }
    }

    private func read(
        _ partial: PartialFile, _ file: Manifest.File, _ replica: Replica,
        _ progress: @escaping @Sendable (Int64) -> Void
    ) async throws(Obstacle) {
        guard let start = partial.missing(pieceBytes: file.size).first?.lowerBound else {
            do { return try partial.save() } catch { throw .machine(error) }
        }
        let place = Mutex(start)
        let failure = Mutex<(any Error)?>(nil)
        do throws(ObjectError) {
            try await replica.read(file, from: start) { bytes throws(ObjectError) in
                let offset = place.withLock { place in
                    defer { place += Int64(bytes.count) }
                    return place
                }
                guard offset + Int64(bytes.count) <= file.size else {
                    throw .tooLarge(place: replica.place, name: file.path.text, limit: Int(file.size))
                }
                do {
                    progress(try await onDisk { _ in try bytes.withUnsafeBytes { try partial.write($0, at: offset) } })
                } catch {
                    failure.withLock { $0 = error }
                    throw .cancelled
                }
            }
        } catch {
            // What came is gone on with.
            try? partial.save()
            if let failure = failure.withLock({ $0 }) { throw .machine(failure) }
            if error == .cancelled { throw .machine(CancellationError()) }
            throw .place("\(error)")
        }
        guard partial.doneBytes == file.size else {
            try? partial.save()
            throw .place("\(file.path) has \(place.withLock { $0 }) bytes there instead of \(file.size)")
        }
        do { try partial.save() } catch { throw .machine(error) }
    }
}
