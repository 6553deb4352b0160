/// Something that is not as the trail's writer left it.
public struct AuditFinding: Sendable, Hashable, CustomStringConvertible {
    public enum Kind: String, Sendable, Hashable {
        /// Bytes of a record, checkpoint or head are others.
        case changed
        /// Numbers have a gap, or something stands where it does not follow.
        case order
        /// A segment is not there, and no signed statement says that it was removed.
        case missing
        /// What was signed is not there any more at the end.
        case cut
        /// The end is no whole record: a crash, or somebody has cut it.
        case torn
        /// A key is not the trail's, was replaced, or is not the trusted one.
        case key
        /// A file cannot be read.
        case unreadable
        /// A text is gone or was changed.
        case contents
        /// The chain does not have the hash that was noted.
        case anchor
    }

    public var kind: Kind
    /// First sequence number of the segment, which is its name.
    public var segment: UInt64?
    public var sequence: UInt64?
    /// In bytes, in the segment's file.
    public var offset: UInt64?
    public var text: String

    public var description: String {
        var place: [String] = []
        if let segment { place.append("segment \(segment)") }
        if let sequence { place.append("record \(sequence)") }
        if let offset { place.append("byte \(offset)") }
        return "\(kind.rawValue): \(place.isEmpty ? "" : place.joined(separator: ", ") + ": ")\(text)"
    }
}

/// What a verification has found.
public struct AuditReport: Sendable, Hashable {
    public static let findingLimit = 1000

    public var isValid: Bool { findings.isEmpty && moreFindings == 0 }
    public internal(set) var findings: [AuditFinding] = []
    /// Beyond the limit.
    public internal(set) var moreFindings = 0
    public internal(set) var trail = ""
    public internal(set) var segments = 0
    public internal(set) var records: UInt64 = 0
    public internal(set) var checkpoints: UInt64 = 0
    /// Of the first record that is there; more than 1 where older ones have passed their time.
    public internal(set) var first: UInt64 = 0
    /// The chain's end. To be compared with what was noted elsewhere, and noted.
    public internal(set) var head = AuditAnchor(sequence: 0, hash: "")
    /// The first key of the trail, to be compared with what was noted elsewhere: who replaces everything has another.
    public internal(set) var rootKey: AuditKeyID?
    public internal(set) var keys = 0
    /// Records at the end that no signature covers yet: the chain holds them, but who can write the file could have
    /// changed them.
    public internal(set) var unsigned = 0
    /// A process has the trail open to write.
    public internal(set) var isBeingWritten = false
    /// Texts whose encrypted bytes are those that the chain names.
    public internal(set) var contents: UInt64 = 0
    /// Texts that have passed their time.
    public internal(set) var contentsRemoved: UInt64 = 0
    /// Sealed records that were not opened, as no data keys were given; their chain was checked.
    public internal(set) var unopened: UInt64 = 0
    /// Anchors from before the first record that is there.
    public internal(set) var uncheckedAnchors: [AuditAnchor] = []

    mutating func find(
        _ kind: AuditFinding.Kind, segment: UInt64? = nil, sequence: UInt64? = nil, offset: UInt64? = nil,
        _ text: String
    ) {
        guard findings.count < Self.findingLimit else {
            moreFindings += 1
            return
        }
        findings.append(
            AuditFinding(kind: kind, segment: segment, sequence: sequence, offset: offset, text: text))
    }
}
