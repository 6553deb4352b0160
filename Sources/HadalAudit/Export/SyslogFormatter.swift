/// Syslog, RFC 5424, facility 13 (log audit): the record's fields as structured data, the whole record as JSON in the
/// message. One a line; over TCP with octet counting (RFC 6587, RFC 5425) whoever sends it counts.
public struct SyslogFormatter: AuditFormatter {
    /// A private enterprise number that RFC 5612 sets aside for examples; give your own where the collector needs it.
    public static let exampleEnterprise = 32473
    private static let facility = 13

    private let host: String
    private let element: String

    public init(host: String, enterprise: Int = exampleEnterprise) {
        self.host = Self.header(host, limit: 255)
        element = "hadal@\(enterprise)"
    }

    public func bytes(_ record: AuditRecord) -> [UInt8] {
        let severity =
            switch record.severity {
            case .informational: 6
            case .notice: 5
            case .warning: 4
            }
        let time = AuditTime.text(record.time, digits: 6)
        let head = "<\(Self.facility * 8 + severity)>1 \(time) \(host) hadal - \(Self.header(record.title, limit: 32))"
        let fields: [(String, String?)] = [
            ("seq", String(record.sequence)), ("kind", record.kind.rawValue), ("outcome", record.outcome),
            ("tenant", record.tenant), ("user", record.user), ("address", record.address),
            ("requestId", record.requestID), ("model", record.model), ("target", record.target),
        ]
        let data = fields.compactMap { name, value in value.map { " \(name)=\"\(Self.parameter($0))\"" } }.joined()
        // The mark says that the message is UTF-8 (6.4).
        return Array("\(head) [\(element)\(data)] \u{FEFF}".utf8) + record.canonicalBytes + [UInt8(ascii: "\n")]
    }

    /// Printable ASCII without spaces; "-" where nothing is left.
    static func header(_ text: String, limit: Int) -> String {
        let kept = text.unicodeScalars.map { (33...126).contains($0.value) ? Character($0) : "_" }.prefix(limit)
        return kept.isEmpty ? "-" : String(kept)
    }

    /// `"`, `\` and `]` are escaped (6.3.3). Control characters are left out: a line is a message.
    static func parameter(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\", "]": output += "\\\(scalar)"
            case _ where scalar.properties.generalCategory == .control: output += " "
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}
