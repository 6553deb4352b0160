import Foundation
import HadalSecrets

/// Reads records of a trail, also while it is written. It does not verify (`AuditVerifier` does), but what is no
/// record is an error.
public struct AuditSearch: Sendable {
    /// Whether more is wanted.
    public enum Answer: Sendable {
        case goOn, stop
    }

    let directory: AuditDirectory
    let keys: DataKeys?

    /// - Parameter keys: needed where the trail is sealed.
    public init(data: String, keys: DataKeys? = nil) {
        directory = AuditDirectory(data: data)
        self.keys = keys
    }

    /// So many at most; an empty answer: there are no more. The next page begins `before` (or `after`) the last one's
    /// sequence number.
    public func page(_ query: AuditQuery, limit: Int = 100) throws -> [AuditRecord] {
        var records: [AuditRecord] = []
        guard limit > 0 else { return [] }
        try forEach(query) { record in
            records.append(record)
            return records.count < limit ? .goOn : .stop
        }
        return records
    }

    /// One after another, in constant memory but for the places in one segment.
    public func forEach(_ query: AuditQuery, _ body: (AuditRecord) throws -> Answer) throws {
        let segments = try directory.segments()
        let needles = query.needles
        let order = query.newestFirst ? Array(segments.indices.reversed()) : Array(segments.indices)
        for index in order {
            let next = index + 1 < segments.count ? segments[index + 1] : nil
            // By their numbers, these segments have nothing that is wanted.
            if let before = query.before, segments[index] >= before { continue }
            if let after = query.after, let next, next - 1 <= after { continue }
            let answer = try search(segments[index], isLast: next == nil, query, needles, body)
            if case .stop = answer { return }
        }
    }

    private func search(
        _ first: UInt64, isLast: Bool, _ query: AuditQuery, _ needles: [Needle],
        _ body: (AuditRecord) throws -> Answer
    ) throws -> Answer {
        let path = directory.segment(first)
        guard var reader = try open(path) else { return .goOn }
        guard query.newestFirst else {
            while let frame = try next(&reader, isLast: isLast) {
                if case .stop = try give(frame, reader.head.trail, query, needles, path, body) { return .stop }
            }
            return .goOn
        }
        var places: [(offset: UInt64, header: FrameHeader)] = []
        while let frame = try next(&reader, isLast: isLast) {
            if query.allows(frame.header) { places.append((frame.offset, frame.header)) }
        }
        for place in places.reversed() {
            let bytes = try reader.file.read(at: place.offset, count: Int(place.header.frameSize))
            guard bytes.count == Int(place.header.frameSize) else { continue }
            let frame = Frame(header: place.header, offset: place.offset, bytes: bytes)
            if case .stop = try give(frame, reader.head.trail, query, needles, path, body) { return .stop }
        }
        return .goOn
    }

    /// Nil where a retention has removed it meanwhile.
    private func open(_ path: String) throws(AuditError) -> SegmentReader? {
        do throws(AuditError) {
            return try SegmentReader(path)
        } catch {
            if case .system(_, _, let code) = error, code == ENOENT { return nil }
            throw error
        }
    }

    /// Nil at the end, also where somebody just writes it.
    private func next(_ reader: inout SegmentReader, isLast: Bool) throws(AuditError) -> Frame? {
        let offset = reader.offset
        switch try reader.next() {
        case .frame(let frame): return frame
        case .end: return nil
        case .torn where isLast: return nil
        case .torn, .damaged:
            throw .damaged(path: reader.file.path, offset: offset, problem: "no record begins here")
        }
    }

    private func give(
        _ frame: Frame, _ trail: String, _ query: AuditQuery, _ needles: [Needle], _ path: String,
        _ body: (AuditRecord) throws -> Answer
    ) throws -> Answer {
        guard query.allows(frame.header) else { return .goOn }
        let bytes = try RecordOpening.bytes(frame, keys: keys, trail: trail, path: path)
        guard needles.allSatisfy({ $0.isIn(bytes) }) else { return .goOn }
        let record = try RecordOpening.record(bytes, frame, path: path)
        return query.allows(record) ? try body(record) : .goOn
    }
}
