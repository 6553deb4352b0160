/// Writes records in the form of another system.
public protocol AuditFormatter: Sendable {
    /// One record with the line break behind it, UTF-8.
    func bytes(_ record: AuditRecord) -> [UInt8]
}

/// One canonical JSON object a line.
public struct JSONLinesFormatter: AuditFormatter {
    public init() {}

    public func bytes(_ record: AuditRecord) -> [UInt8] { record.canonicalBytes + [UInt8(ascii: "\n")] }
}

extension AuditRecord {
    /// As SIEMs rank it.
    enum Severity {
        case informational, notice, warning
    }

    var severity: Severity {
        switch outcome {
        case "ok": kind == .request ? .informational : .notice
        default: .warning
        }
    }

    /// What kind of event it is, in few words.
    var title: String { action ?? kind.rawValue }
}

extension AuditSearch {
    /// Writes all records that are wanted, oldest first unless the query says otherwise.
    /// - Returns: how many.
    @discardableResult
    public func export(
        _ query: AuditQuery, as formatter: some AuditFormatter, to sink: ([UInt8]) throws -> Void
    ) throws -> Int {
        var count = 0
        try forEach(query) { record in
            try sink(formatter.bytes(record))
            count += 1
            return .goOn
        }
        return count
    }
}
