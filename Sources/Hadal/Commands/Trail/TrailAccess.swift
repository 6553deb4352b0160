import Foundation
import HadalAudit
import HadalConfiguration
import HadalGateway
import HadalSecrets

/// The audit trail as commands read it, beside a server that may be writing it.
struct TrailAccess {
    let settings: HadalSettings
    /// nil: nothing is sealed, or no key service is configured.
    let keys: DataKeys?
    let search: AuditSearch

    /// Asks the key service only where the trail is sealed.
    init(_ settings: HadalSettings) async throws {
        self.settings = settings
        guard FileManager.default.fileExists(atPath: settings.data + "/audit") else {
            throw CommandFailure(
                "there is no audit trail in \(settings.data): the server begins it when it starts (audit.enabled)")
        }
        let isSealed = settings.secrets.encrypt.contains(.audit) || AuditSearch.isSealed(data: settings.data)
        keys = isSealed ? try await EncryptionAtRest.open(settings.secrets, data: settings.dataURL)?.keys : nil
        search = AuditSearch(data: settings.data, keys: keys)
    }

    func contents() throws -> AuditContents { try AuditContents(data: settings.data, keys: keys) }

    /// What was recorded under a number, or of a request, which has a record for each answer; oldest first.
    /// - Throws: where there is none.
    func records(_ name: String) throws -> [AuditRecord] {
        var query = AuditQuery()
        query.newestFirst = false
        if let number = UInt64(name) {
            guard number > 0, number < UInt64(Int64.max) else {
                throw CommandFailure("records are numbered from 1 on")
            }
            query.after = number - 1
            query.before = number + 1
        } else {
            query.requestID = name
        }
        let records = try search.page(query)
        guard !records.isEmpty else {
            throw CommandFailure("there is no record '\(name)'; 'hadal audit search' shows what there is")
        }
        return records
    }

    /// - Throws: where a request has several records.
    func record(_ name: String) throws -> AuditRecord {
        let records = try records(name)
        guard records.count == 1 else {
            let numbers = records.map { "\($0.sequence)" }.joined(separator: ", ")
            throw CommandFailure("'\(name)' has several records; give one's number: \(numbers)")
        }
        return records[0]
    }

    /// Reads texts, and records that as an act before anybody sees them.
    func reading<Value>(
        _ action: String, _ records: [AuditRecord], _ body: (AuditContents) throws -> Value
    ) async throws -> Value {
        let record = try LocalRecord(settings, seal: try await settings.auditSeal())
        let numbers = records.map { "\($0.sequence)" }.joined(separator: ",")
        return try await record.perform(action, "record:" + numbers) { _ in try body(try contents()) }
    }
}
