import Foundation
import HadalCompute

/// Cache blocks on disk: written in the background when memory has no room for them and when the engine stops, read back
/// when a text begins as theirs did, the least recently used given up first.
///
/// The engine's thread calls everything but `statistics`; a thread of the store's own writes.
package final class PrefixStore: @unchecked Sendable {
    /// Blocks copied and not yet written.
    private static let queueMax = 32

    let naming: PrefixNaming
    private let cache: any KVCache
    private let file: PrefixFile
    private let warn: @Sendable (String) -> Void
    /// What `load` reads into.
    private var record: [UInt8]

    private struct Job {
        let digest: PrefixDigest
        var record: [UInt8]
    }

    /// Guards all that follows; signalled when there is a job or one is done.
    private let condition = NSCondition()
    private var slots: [PrefixDigest: Int] = [:]
    /// Of each slot.
    private var digests: [PrefixDigest?]
    private var recency: RecencyList
    private var freeSlots: [Int32]
    private var stamp: UInt64 = 0
    private var jobs: [Job] = []
    /// Digests of `jobs` and of the one being written.
    private var pending: Set<PrefixDigest> = []
    private var slotInUse: Int?
    private var isClosing = false
    private var isClosed = false
    private var isBroken = false
    private var counts = PrefixStoreStatistics()

    /// Opens the model's file in the directory, which is made where it is missing. What lies there of the same model by
    /// an older build, or under another key or none, is removed.
    ///
    /// - Returns: nil, with a warning, where another worker has the file.
    /// - Throws: `EngineError.prefixStore`.
    static func open(
        _ options: PrefixStoreOptions, _ identity: PrefixIdentity, cache: any KVCache,
        warn: @escaping @Sendable (String) -> Void
    ) throws(EngineError) -> PrefixStore? {
        do {
            try FileManager.default.createDirectory(
                atPath: options.directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            let file = try PrefixFile(
                path: options.directory + "/" + identity.fileName, identity: identity.bytes,
                payloadBytes: cache.shape.bytesPerBlock, bytesMax: options.bytesMax, key: options.key, warn: warn)
            removeOld(identity, in: options.directory)
            return PrefixStore(
                file, naming: PrefixNaming(identity: identity.bytes, key: options.key), cache: cache, warn: warn)
        } catch PrefixFile.Problem.inUse(let path) {
            warn("\(path) is used by another worker; this one keeps no prefixes on disk")
            return nil
        } catch {
            throw .prefixStore(problem: "\(error)")
        }
    }

    private static func removeOld(_ identity: PrefixIdentity, in directory: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        where name.hasPrefix(identity.modelName + "-") && name.hasSuffix(PrefixIdentity.fileExtension) {
            if name != identity.fileName { PrefixFile.removeUnlessUsed(directory + "/" + name) }
        }
    }

    private init(
        _ file: PrefixFile, naming: PrefixNaming, cache: any KVCache, warn: @escaping @Sendable (String) -> Void
    ) {
        self.naming = naming
        self.cache = cache
        self.warn = warn
        self.file = file
        record = Array(repeating: 0, count: PrefixFile.recordHeadBytes + file.payloadBytes)
        digests = Array(repeating: nil, count: file.slots)
        recency = RecencyList(limit: file.slots)
        freeSlots = (0..<Int32(file.slots)).reversed()
        counts.blocksMax = file.slots
        for entry in file.entries().sorted(by: { $0.stamp < $1.stamp }) {
            stamp = max(stamp, entry.stamp)
            // A block that was written twice: the later one counts.
            if let old = slots[entry.digest] { forget(old) }
            occupy(entry.slot, entry.digest)
        }
        let occupied = Set(slots.values)
        freeSlots.removeAll { occupied.contains(Int($0)) }
        let thread = Thread { self.run() }
        thread.name = "prefix store"
        thread.start()
    }

    var statistics: PrefixStoreStatistics {
        condition.withLock {
            var result = counts
            result.blocks = slots.count
            return result
        }
    }

    // MARK: the engine's thread

    func contains(_ digest: PrefixDigest) -> Bool { condition.withLock { slots[digest] != nil } }

    /// Reads a block into the cache.
    /// - Returns: false where it is not there, or damaged.
    func load(_ digest: PrefixDigest, block: Int32) -> Bool {
        let slot = condition.withLock { () -> Int? in
            slotInUse = slots[digest]
            return slotInUse
        }
        guard let slot else { return false }
        let isWhole = file.read(slot: slot, digest: digest, into: &record)
        condition.withLock {
            slotInUse = nil
            if isWhole {
                counts.read += 1
                touch(slot)
            } else {
                counts.damaged += 1
                forget(slot)
                freeSlots.append(Int32(slot))
            }
        }
        guard isWhole else {
            warn("a block in \(file.path) is damaged; it is computed again")
            return false
        }
        record.withUnsafeBytes {
            cache.fill(block: block, from: UnsafeRawBufferPointer(rebasing: $0[PrefixFile.recordHeadBytes...]))
        }
        return true
    }

    /// Copies a block, to be written in the background.
    /// - Parameter waits: whether to wait while the disk cannot follow; else the block is dropped.
    func save(_ digest: PrefixDigest, block: Int32, waits: Bool) {
        let isWanted = condition.withLock { () -> Bool in
            if let slot = slots[digest] {
                touch(slot)
                return false
            }
            guard !pending.contains(digest), !isBroken, file.slots > 0 else { return false }
            while waits, jobs.count >= Self.queueMax { condition.wait() }
            guard jobs.count < Self.queueMax else {
                counts.dropped += 1
                return false
            }
            return true
        }
        guard isWanted else { return }
        var record = [UInt8](repeating: 0, count: PrefixFile.recordHeadBytes + file.payloadBytes)
        record.withUnsafeMutableBytes {
            cache.copy(block: block, to: UnsafeMutableRawBufferPointer(rebasing: $0[PrefixFile.recordHeadBytes...]))
        }
        condition.withLock {
            pending.insert(digest)
            jobs.append(Job(digest: digest, record: record))
            condition.broadcast()
        }
    }

    /// Returns when everything is written and the thread has ended.
    func close() {
        condition.withLock {
            isClosing = true
            condition.broadcast()
            while !isClosed { condition.wait() }
        }
    }

    // MARK: the store's thread

    private func run() {
        while let (job, slot, stamp) = nextJob() {
            var record = job.record
            do {
                try file.write(&record, entry: .init(slot: slot, digest: job.digest, stamp: stamp))
                finish(job, slot, isWritten: true)
            } catch {
                finish(job, slot, isWritten: false)
                warn("\(error); no more of the prefix cache is written")
            }
        }
        file.unlock()
        condition.withLock {
            isClosed = true
            condition.broadcast()
        }
    }

    private func nextJob() -> (Job, slot: Int, stamp: UInt64)? {
        condition.withLock {
            while true {
                while jobs.isEmpty, !isClosing { condition.wait() }
                guard !jobs.isEmpty else { return nil }
                let job = jobs.removeFirst()
                if !isBroken, let slot = takeSlot() {
                    stamp += 1
                    return (job, slot, stamp)
                }
                pending.remove(job.digest)
                counts.dropped += 1
                condition.broadcast()
            }
        }
    }

    private func finish(_ job: Job, _ slot: Int, isWritten: Bool) {
        condition.withLock {
            pending.remove(job.digest)
            if isWritten {
                counts.written += 1
                occupy(slot, job.digest)
            } else {
                isBroken = true
                freeSlots.append(Int32(slot))
            }
            condition.broadcast()
        }
    }

    // MARK: slots, with the lock held

    private func takeSlot() -> Int? {
        if let slot = freeSlots.popLast() { return Int(slot) }
        guard let oldest = recency.elements.first(where: { Int($0) != slotInUse }) else { return nil }
        forget(Int(oldest))
        return Int(oldest)
    }

    private func occupy(_ slot: Int, _ digest: PrefixDigest) {
        slots[digest] = slot
        digests[slot] = digest
        recency.append(Int32(slot))
    }

    private func forget(_ slot: Int) {
        guard let digest = digests[slot] else { return }
        slots[digest] = nil
        digests[slot] = nil
        recency.remove(Int32(slot))
    }

    private func touch(_ slot: Int) {
        guard digests[slot] != nil else { return }
        recency.remove(Int32(slot))
        recency.append(Int32(slot))
    }
}
