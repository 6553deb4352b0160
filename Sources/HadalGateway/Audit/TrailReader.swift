import HadalAccess
import HadalAudit
import HadalJSON
import HadalSecrets

/// Reads the audit trail beside its writer. Blocks.
struct TrailReader: Sendable {
    let search: AuditSearch
    /// The program's.
    let version: String
    private let recorder: AuditRecorder

    init(_ recorder: AuditRecorder) {
        self.recorder = recorder
        version = recorder.version
        search = AuditSearch(data: recorder.data, keys: recorder.keys)
    }

    /// The last record's number.
    var last: UInt64 { recorder.trail.status.sequence }

    /// What was recorded under a number, or of a request, which has a record for each of its answers; oldest first.
    /// - Parameter tenant: whose alone; nil: all.
    /// - Throws: `AccessProblem.notFound` also for what is of others.
    func records(named name: String, tenant: String?) throws -> [AuditRecord] {
        var query = AuditQuery()
        query.tenant = tenant
        query.newestFirst = false
        if let number = UInt64(name), number > 0, number < UInt64(Int64.max) {
            query.after = number - 1
            query.before = number + 1
        } else {
            query.requestID = name
        }
        let records = try search.page(query, limit: 1000)
        guard !records.isEmpty else { throw AccessProblem.notFound("record '\(name.prefix(64))'") }
        return records
    }

    /// The records with what was asked and answered, or why it is not there.
    /// - Parameter showsMasked: whether what placeholders stand for is shown.
    func withTexts(_ records: [AuditRecord], showsMasked: Bool) throws -> [JSON] {
        let contents = try AuditContents(data: recorder.data, keys: recorder.keys)
        return try records.map { record in
            guard var object = try record.shown().object else { return .null }
            func add(_ part: String, hidden: String, _ read: (AuditRecord) throws(AuditError) -> String) throws {
                var member = object[part]?.object ?? JSON.Object()
                do throws(AuditError) {
                    let text = try read(record)
                    var json = try? JSON(parsing: text)
                    if !showsMasked { json = json.map { $0.without(hidden) } }
                    member["text"] = json
                } catch {
                    guard case .contentGone(let problem) = error else { throw error }
                    member["problem"] = .string(problem)
                }
                object[part] = .object(member)
            }
            try add("input", hidden: "masks", contents.input)
            // What the client got has the values that placeholders stand for.
            try add("output", hidden: "sent", contents.output)
            return .object(object)
        }
    }

    /// How the trail is, by its writer.
    func status() throws(AuditError) -> JSON {
        let status = recorder.trail.status
        return .compact([
            ("trail", .string(status.trail)), ("sequence", .int(Int64(clamping: status.sequence))),
            ("head", .string(status.head)), ("segment", .int(Int64(clamping: status.segment))),
            ("unsigned", .int(Int64(status.unsigned))), ("lost", .int(Int64(clamping: status.lost))),
            ("failure", status.failure.map { .string($0.description) }),
            ("key", status.key.map { .string($0.text) }), ("rootKey", try search.rootKey.map { .string($0.text) }),
        ])
    }

    func verify() throws(AuditError) -> JSON {
        let report = try AuditVerifier(data: recorder.data, keys: recorder.keys).run()
        return .compact([
            ("valid", .bool(report.isValid)), ("findings", .array(report.findings.map { .string($0.description) })),
            ("moreFindings", .int(Int64(report.moreFindings))), ("trail", .string(report.trail)),
            ("rootKey", report.rootKey.map { .string($0.text) }), ("first", .int(Int64(clamping: report.first))),
            ("records", .int(Int64(clamping: report.records))), ("segments", .int(Int64(report.segments))),
            ("texts", .int(Int64(clamping: report.contents))), ("unsigned", .int(Int64(report.unsigned))),
            ("sequence", .int(Int64(clamping: report.head.sequence))), ("head", .string(report.head.hash)),
        ])
    }
}

extension AuditRecord {
    /// The members of docs/audit.md, with the time as text.
    func shown() throws(JSONError) -> JSON {
        var object = try JSON(parsing: canonicalBytes).object ?? JSON.Object()
        object["time"] = .string(AuditTime.text(time))
        return .object(object)
    }
}

extension JSON {
    fileprivate func without(_ member: String) -> JSON {
        guard var object else { return self }
        object[member] = nil
        return .object(object)
    }
}
