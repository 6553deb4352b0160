import Foundation
import HadalJSON

/// What a retention has removed, by first sequence numbers of the segments.
public struct AuditRemoval: Sendable, Hashable {
    public var segments: [UInt64] = []
    public var contents: [UInt64] = []
}

extension TrailWriter {
    /// Removes segments and contents files that have passed their time, after a signed statement of it. Segments go
    /// only from the front on, so that what stays is one chain.
    mutating func applyRetention() throws(AuditError) -> AuditRemoval {
        try rollIfDue()
        let now = settings.now()
        let finished = try directory.segments().filter { $0 < segment.first }
        let withContents = Set(try directory.contentFiles())
        var segments: [ChainStatement.Removed] = []
        var contents: [UInt64] = []
        var isFront = true
        for first in finished {
            // A segment without contents is looked at only as long as those before it go.
            guard isFront || withContents.contains(first) else { continue }
            let summary = try SegmentSummary(directory.segment(first))
            if isFront, summary.isOver(settings.retention, now: now) {
                segments.append(summary.removed)
            } else {
                isFront = false
            }
            let isOver = AuditRetention.isOver(summary.latest, days: settings.retention.contents, now: now)
            if withContents.contains(first), !isFront, isOver {
                contents.append(first)
            }
        }
        contents = (segments.map(\.first).filter(withContents.contains) + contents)
        guard !segments.isEmpty || !contents.isEmpty else { return AuditRemoval() }
        try commit(one: Self.record(segments, contents, time: now))
        try sign(.tombstone(segments: segments, contents: contents))
        for first in contents { try SmallFile.remove(directory.contents(first)) }
        // Oldest first: a crash in between leaves one chain too.
        for removed in segments { try SmallFile.remove(directory.segment(removed.first)) }
        try SmallFile.synchronizeDirectory(of: directory.head)
        return AuditRemoval(segments: segments.map(\.first), contents: contents)
    }

    private static func record(
        _ segments: [ChainStatement.Removed], _ contents: [UInt64], time: Int64
    ) -> AuditRecord {
        var record = AuditRecord(.system, outcome: "ok", time: time)
        record.action = "trail.retention"
        record.details = .compact([
            ("contents_of", .array(contents.map { .int(Int64(clamping: $0)) })),
            ("records_to", segments.last.map { .int(Int64(clamping: $0.last)) }),
        ])
        return record
    }
}

/// What retention needs to know of a finished segment.
struct SegmentSummary {
    /// The newest record's time, by kind.
    private(set) var newest: [AuditRecord.Kind: Int64] = [:]
    private(set) var removed: ChainStatement.Removed

    /// - Throws: where it is not whole: nothing is removed over something that must be looked at first.
    init(_ path: String) throws(AuditError) {
        var reader = try SegmentReader(path)
        removed = ChainStatement.Removed(
            first: reader.head.first, last: reader.head.first - 1, hash: reader.headHash.hex)
        var chain = reader.headHash
        while true {
            let start = reader.offset
            switch try reader.next() {
            case .end:
                removed.hash = chain.hex
                return
            case .torn, .damaged: throw .damaged(path: path, offset: start, problem: "no record begins here")
            case .frame(let frame):
                guard frame.follows(chain) else {
                    throw .damaged(path: path, offset: start, problem: "record \(frame.header.sequence) was changed")
                }
                chain = Array(frame.hash)
                removed.last = frame.header.sequence
                guard let kind = frame.header.recordKind else { continue }
                newest[kind] = max(newest[kind] ?? .min, frame.header.time)
            }
        }
    }

    var latest: Int64 { newest.values.max() ?? .max }

    func isOver(_ retention: AuditRetention, now: Int64) -> Bool {
        newest.allSatisfy { AuditRetention.isOver($1, days: retention.days($0), now: now) }
    }
}
