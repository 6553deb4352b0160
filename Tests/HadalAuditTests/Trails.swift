import Foundation
import HadalJSON
import HadalSecrets
import Logging
import Synchronization
import TestSupport

@testable import HadalAudit

/// A clock that tests move on.
final class TestClock: Sendable {
    private let time = Mutex<Int64>(1_800_000_000_000_000_000)

    var now: Int64 { time.withLock { $0 } }

    func advance(days: Double) { time.withLock { $0 += Int64(days * 86_400e9) } }
}

enum Trails {
    static let person = AuditPerson(tenant: "acme", user: "alice")

    static func settings(_ clock: TestClock? = nil) -> AuditSettings {
        var settings = AuditSettings()
        settings.reserve = 0
        settings.log.logLevel = .critical
        // Only where a test says so.
        settings.checkpointInterval = 3600
        if let clock { settings.now = { clock.now } }
        return settings
    }

    static func record(_ number: Int, _ kind: AuditRecord.Kind = .request, user: String = "alice") -> AuditRecord {
        var record = AuditRecord(
            kind, outcome: "ok", id: "id-\(number)", time: 1_800_000_000_000_000_000 + Int64(number))
        record.requestID = "req-\(number)"
        record.tenant = "acme"
        record.user = user
        record.address = "192.0.2.7"
        record.action = kind == .request ? "/v1/chat/completions" : "user.create"
        record.model = "deepseek-v3"
        record.modelDigest = "sha256:00ff"
        record.parameters = ["temperature": 0.7, "max_tokens": 12]
        record.seed = UInt64.max
        record.tokens = AuditTokens(prompt: 3, cached: 1, completion: 4, reasoning: 2)
        record.timings = AuditTimings(queued: 5, firstToken: 6, total: 7)
        record.verdicts = ["pii": ["phone"]]
        return record
    }

    /// A trail with records 2 to `count` + 1 (the first says that it was opened), closed.
    static func make(
        in data: String, count: Int, keys: DataKeys? = nil, settings: AuditSettings = settings(), texts: Bool = false
    ) async throws {
        let trail = try AuditTrail(data: data, keys: keys, settings: settings)
        for number in 0..<count {
            try await trail.append(
                record(number), input: texts ? .full("question \(number)") : .none,
                output: texts ? .full("answer \(number)") : .none)
        }
        try await trail.close()
    }

    static func keys(in data: String) async throws -> DataKeys {
        let service = try PassphraseKeyService.create(
            path: data + "/master.key", passphrase: Secret("correct horse battery staple"),
            cost: ScryptCost(n: 16, r: 1, p: 1))
        return try await DataKeys.create(in: data, service: service)
    }

    static func report(_ data: String, keys: DataKeys? = nil) throws -> AuditReport {
        try AuditVerifier(data: data, keys: keys).run()
    }

    static func search(_ data: String, keys: DataKeys? = nil, _ query: AuditQuery = AuditQuery()) throws
        -> [AuditRecord]
    {
        try AuditSearch(data: data, keys: keys).page(query, limit: 10_000)
    }

    static func segments(_ data: String) throws -> [String] {
        let directory = AuditDirectory(data: data)
        return try directory.segments().map(directory.segment)
    }

    static func read(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }

    /// In place, as an attacker or a bad disk would.
    static func write(_ bytes: some Sequence<UInt8>, _ path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    /// Frames of a segment as they stand in the file, and where the first begins.
    static func frames(_ path: String) throws -> (start: Int, frames: [Frame]) {
        var reader = try SegmentReader(path)
        let start = Int(reader.offset)
        var frames: [Frame] = []
        while case .frame(let frame) = try reader.next() { frames.append(frame) }
        return (start, frames)
    }

    static func failure(_ body: () async throws -> Void) async -> AuditError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? AuditError
        }
    }

    static func copy(_ from: String, to: String) throws {
        try? FileManager.default.removeItem(atPath: to)
        try FileManager.default.copyItem(atPath: from, toPath: to)
    }
}
