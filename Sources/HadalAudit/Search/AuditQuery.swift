import Foundation
import HadalJSON

/// Which records are wanted: those for which all that is said here holds.
public struct AuditQuery: Sendable, Hashable {
    /// Nanoseconds since 1970: from, and before.
    public var from: Int64?
    public var to: Int64?
    /// Empty: all.
    public var kinds: Set<AuditRecord.Kind> = []
    public var tenant: String?
    public var user: String?
    public var requestID: String?
    public var model: String?
    public var outcome: String?
    public var action: String?
    /// Somewhere in action, target, details, address or request id; capitals do not count.
    public var text: String?
    /// Sequence numbers less than this: goes on behind the last record of a page, newest first.
    public var before: UInt64?
    /// Sequence numbers greater than this: goes on behind the last record of a page, oldest first.
    public var after: UInt64?
    public var newestFirst = true

    public init() {}

    func allows(_ header: FrameHeader) -> Bool {
        guard let kind = header.recordKind, kinds.isEmpty || kinds.contains(kind) else { return false }
        return header.time >= (from ?? .min) && to.map { header.time < $0 } ?? true
            && before.map { header.sequence < $0 } ?? true && after.map { header.sequence > $0 } ?? true
    }

    private var members: [(name: String, wanted: String?)] {
        [
            ("tenant", tenant), ("user", user), ("request_id", requestID), ("model", model), ("action", action),
            ("outcome", outcome),
        ]
    }

    /// What stands in the canonical bytes of every record that is wanted: it is faster to look for than to take the
    /// record apart.
    var needles: [Needle] {
        members.compactMap { name, wanted in wanted.map { Needle("\"\(name)\":\(JSON.quoted($0))") } }
    }

    func allows(_ record: AuditRecord) -> Bool {
        let found = [record.tenant, record.user, record.requestID, record.model, record.action, record.outcome]
        guard zip(members, found).allSatisfy({ $0.wanted == nil || $0.wanted == $1 }) else { return false }
        guard let text else { return true }
        return [record.action, record.target, record.details?.text, record.address, record.requestID].contains {
            $0?.range(of: text, options: .caseInsensitive) != nil
        }
    }
}
