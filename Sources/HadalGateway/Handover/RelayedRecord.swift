import HadalAudit
import HadalJSON
import HadalWire

/// A record on its way from the server that made it to the one that writes the trail.
struct RelayedRecord: Sendable {
    var record: AuditRecord
    var input: AuditText
    var output: AuditText
    var isDurable: Bool

    var json: JSON {
        get throws {
            [
                "record": try JSON(parsing: record.canonicalBytes), "input": input.relayed, "output": output.relayed,
                "durable": .bool(isDurable),
            ]
        }
    }

    init(_ record: AuditRecord, input: AuditText, output: AuditText, isDurable: Bool) {
        (self.record, self.input, self.output, self.isDurable) = (record, input, output, isDurable)
    }

    init(_ json: JSON) throws {
        guard let record = json["record"] else { throw WireError.missing(field: "record") }
        self.record = try AuditRecord(canonicalBytes: record.bytes)
        input = try AuditText(relayed: json["input"])
        output = try AuditText(relayed: json["output"])
        isDurable = json["durable"]?.bool ?? true
    }
}

extension AuditText {
    fileprivate var relayed: JSON {
        switch self {
        case .none: .null
        case .full(let text): ["full": .string(text)]
        case .masked(let text): ["masked": .string(text)]
        case .hash(let text): ["hash": .string(text)]
        }
    }

    fileprivate init(relayed json: JSON?) throws {
        if let text = json?["full"]?.string {
            self = .full(text)
        } else if let text = json?["masked"]?.string {
            self = .masked(text)
        } else if let text = json?["hash"]?.string {
            self = .hash(text)
        } else {
            guard json == nil || json == .null else { throw WireError.missing(field: "text") }
            self = .none
        }
    }
}
