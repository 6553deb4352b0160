import HadalJSON

/// Common Event Format (ArcSight, version 0).
public struct CEFFormatter: AuditFormatter {
    private let version: String

    /// - Parameter version: of the product.
    public init(version: String) { self.version = version }

    public func bytes(_ record: AuditRecord) -> [UInt8] {
        let header = [
            "CEF:0", "Hadal", "hadal", version, record.kind.rawValue, record.title, String(severity(record)),
        ]
        let text = header.enumerated().map { $0.offset == 0 ? $0.element : Self.header($0.element) }
            .joined(separator: "|")
        let fields = fields(record).compactMap { name, value in value.map { "\(name)=\(Self.value($0))" } }
        return Array((text + "|" + fields.joined(separator: " ") + "\n").utf8)
    }

    private func severity(_ record: AuditRecord) -> Int {
        switch record.severity {
        case .informational: 1
        case .notice: 3
        case .warning: 6
        }
    }

    /// The dictionary's names where there is one; else custom strings with their labels.
    private func fields(_ record: AuditRecord) -> [(String, String?)] {
        let isVersion6 = record.address?.contains(":") ?? false
        var fields: [(String, String?)] = [
            ("rt", String(record.time / 1_000_000)), ("externalId", String(record.sequence)),
            ("src", isVersion6 ? nil : record.address), ("suser", record.user), ("act", record.action),
            ("outcome", record.outcome), ("duser", record.target),
        ]
        let custom: [(String, String, String?)] = [
            ("cs1", "tenant", record.tenant), ("cs2", "model", record.model), ("cs3", "requestId", record.requestID),
            ("cs4", "apiKey", record.key), ("cs5", "verdicts", record.verdicts?.canonical.text),
            ("cs6", "details", record.details?.canonical.text),
            ("cn1", "promptTokens", record.tokens.map { String($0.prompt) }),
            ("cn2", "completionTokens", record.tokens.map { String($0.completion) }),
            ("flexString1", "modelDigest", record.modelDigest),
            ("c6a2", "sourceIPv6", isVersion6 ? record.address : nil),
        ]
        for (name, label, value) in custom where value != nil {
            fields += [(name, value), (name + "Label", label)]
        }
        return fields
    }

    /// A header has no line breaks at all.
    static func header(_ text: String) -> String {
        escape(text, also: "|", lineFeed: " ", carriageReturn: " ")
    }

    static func value(_ text: String) -> String {
        escape(text, also: "=", lineFeed: #"\n"#, carriageReturn: #"\r"#)
    }

    private static func escape(
        _ text: String, also special: Unicode.Scalar, lineFeed: String, carriageReturn: String
    ) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\", special: output += "\\\(scalar)"
            case "\n": output += lineFeed
            case "\r": output += carriageReturn
            // Other control characters would be taken for the line's end, or change a terminal.
            case _ where scalar.properties.generalCategory == .control: output += " "
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}
