// Writes an audit trail with 64 appenders, 20,000 records durably and the rest not, verifies and searches it.
//
// With 0 records, an existing trail is opened, verified and searched. Results: docs/audit.md, "Measured".
//
// Not a target of the package: build it against the modules as /tmp/rt.sh or a scratch package does, or add it for a moment
// as an executable target that depends on HadalAudit, HadalSecrets and HadalJSON:
//     audit DIRECTORY [RECORDS] [sealed]
import Foundation
import HadalAudit
import HadalJSON
import HadalSecrets

@main struct AuditBenchmark {
    static func main() async throws {
        let arguments = CommandLine.arguments
        let data = arguments[1]
        let count = arguments.count > 2 ? Int(arguments[2]) ?? 1_000_000 : 1_000_000
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        let keys: DataKeys?
        if arguments.contains("sealed") {
            let service = try PassphraseKeyService.create(
                path: data + "/master.key", passphrase: Secret("correct horse battery staple"))
            keys = try await DataKeys.create(in: data, service: service)
        } else {
            keys = nil
        }
        let trail = try AuditTrail(data: data, keys: keys)
        let durable = min(count, 20_000)
        try await append(durable, to: trail, isDurable: true)
        try await append(count - durable, to: trail, isDurable: false)
        try await trail.close()
        try await measure("verify", count) {
            let report = try AuditVerifier(data: data).run()
            print("  \(report.isValid ? "valid" : "INVALID"), \(report.records) records, \(report.segments) segments")
        }
        try await measure("search one request id", count) {
            var query = AuditQuery()
            query.requestID = "req-5000300"
            print("  \(try AuditSearch(data: data, keys: keys).page(query).count) found")
        }
    }

    static func append(_ count: Int, to trail: AuditTrail, isDurable: Bool) async throws {
        try await measure("append, \(isDurable ? "durable" : "not durable"), 64 appenders", count) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<64 {
                    group.addTask {
                        for number in 0..<count / 64 {
                            try await trail.append(record(task * 1_000_000 + number), durable: isDurable)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    static func record(_ number: Int) -> AuditRecord {
        var record = AuditRecord(.request, outcome: "ok")
        record.requestID = "req-\(number)"
        record.tenant = "acme"
        record.user = "user-\(number % 1000)"
        record.key = "key-17"
        record.address = "192.0.2.7"
        record.action = "/v1/chat/completions"
        record.model = "deepseek-v3"
        record.modelDigest = String(repeating: "0f", count: 32)
        record.parameters = ["max_tokens": 1024, "temperature": 0.7]
        record.seed = 42
        record.tokens = AuditTokens(prompt: 812, cached: 512, completion: 377)
        record.timings = AuditTimings(queued: 1_200_000, firstToken: 180_000_000, total: 4_100_000_000)
        record.verdicts = ["firewall": 0.01, "pii": []]
        return record
    }

    static func measure(_ name: String, _ count: Int, _ body: @Sendable () async throws -> Void) async throws {
        let start = ContinuousClock.now
        try await body()
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        print("\(name): \(seconds) s, \(Int(Double(count) / seconds)) records/s")
        fflush(nil)
    }
}
