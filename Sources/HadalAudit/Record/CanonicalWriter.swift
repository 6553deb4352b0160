import HadalJSON

/// Writes JSON in one form only: members in the order of their names' bytes, no spaces, absent members left out,
/// numbers and strings as `JSON.bytes` writes them. So the same record is always the same bytes.
struct CanonicalWriter {
    private(set) var bytes: [UInt8] = [UInt8(ascii: "{")]

    /// The caller writes members in the order of their names.
    mutating func member(_ name: StaticString, _ value: JSON?) {
        guard let value else { return }
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { bytes += $0 }
        bytes += "\":".utf8
        bytes += value.canonical.bytes
    }

    mutating func member(_ name: StaticString, _ value: String?) { member(name, value.map(JSON.string)) }

    mutating func member(_ name: StaticString, _ value: UInt64) { member(name, JSON.int(Int64(clamping: value))) }

    consuming func finish() -> [UInt8] { bytes + [UInt8(ascii: "}")] }
}

extension JSON {
    /// With all members in the order of their names' bytes.
    var canonical: JSON {
        switch self {
        case .object(let object):
            .object(
                Object(
                    object.members.map { ($0.key, $0.value.canonical) }.sorted {
                        $0.0.utf8.lexicographicallyPrecedes($1.0.utf8)
                    }))
        case .array(let values): .array(values.map(\.canonical))
        default: self
        }
    }
}
