import Foundation
import HadalAudit
import HadalConfiguration
import HadalJSON
import NIOHTTP1

@testable import HadalGateway

/// A gateway that records what it is asked.
enum TrailServing {
    static func run(
        _ backend: ScriptedBackend = ScriptedBackend(), tenants: [String] = [], reserve: UInt64 = 0,
        onFailure: HadalAudit.AuditSettings.FailurePolicy = .refuse,
        settings: (inout HadalSettings) -> Void = { _ in },
        _ body: @escaping @Sendable (GuardedServing) async throws -> Void
    ) async throws {
        try await GuardedServing.run(
            backend, tenants: tenants,
            configure: {
                var audit = AuditTrailConfiguration()
                audit.reserve = reserve
                audit.onFailure = onFailure
                $0.audit = audit
                try! $0.set(settings)
            }, body)
    }

    static func keepAll(_ settings: inout HadalSettings) {
        settings.content.record.input = .full
        settings.content.record.output = .full
        settings.content.record.durable = true
    }

    /// Oldest first.
    static func records(_ data: URL, _ kinds: Set<AuditRecord.Kind> = [.request]) throws -> [AuditRecord] {
        var query = AuditQuery()
        query.kinds = kinds
        query.newestFirst = false
        return try AuditSearch(data: data.path).page(query, limit: 10_000)
    }

    static func isValid(_ data: URL) throws -> Bool {
        let report = try AuditVerifier(data: data.path).run()
        return report.isValid
    }
}

extension GuardedServing {
    func records(_ kinds: Set<AuditRecord.Kind> = [.request]) throws -> [AuditRecord] {
        try TrailServing.records(data, kinds)
    }

    /// Asks the model this.
    func ask(_ text: String, key: String? = nil) async throws -> Serving.Answer {
        let messages: JSON = [["role": "user", "content": .string(text)]]
        return try await send(
            .POST, "/v1/chat/completions", ["model": "scripted", "messages": messages], key: key)
    }

    /// Asks for records until there is one of each of these acts.
    func waitForActs(_ actions: Set<String>, key: String? = nil) async throws -> [JSON] {
        while true {
            let answer = try await admin(.GET, "trail?kind=act,log-in&limit=500", key: key)
            let acts = answer.json["data"]?.array ?? []
            if actions.isSubset(of: acts.compactMap { $0["action"]?.string }) { return acts }
        }
    }
}
