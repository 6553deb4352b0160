import Crypto
import Foundation
import HadalSecrets

/// A verification on its way through the segments.
struct ChainWalk {
    let directory: AuditDirectory
    let history: KeyHistory
    let head: PublishedHead?
    var report: AuditReport
    var anchors: [UInt64: String]
    var contents: ContentsCheck
    /// The hash before the next frame; nil before the first segment and behind something that cannot be read.
    var chain: [UInt8]?
    var sequence: UInt64 = 0
    var isStarted = false
    var isHeadReached = false
    /// Of the history: later segments have no older keys.
    var keyIndex = 0
    /// What the first segment says was before it, where it is not the trail's first.
    var front: (first: UInt64, previous: String)?
    var removed: [ChainStatement.Removed] = []

    init(
        directory: AuditDirectory, keys: DataKeys?, history: KeyHistory, head: PublishedHead?, anchors: [AuditAnchor],
        checksContents: Bool, report: AuditReport
    ) {
        self.directory = directory
        self.history = history
        self.head = head
        self.report = report
        self.anchors = Dictionary(anchors.map { ($0.sequence, $0.hash) }) { first, _ in first }
        contents = ContentsCheck(directory: directory, keys: keys, isWanted: checksContents, trail: report.trail)
        // Two hashes for one place cannot both be right.
        for anchor in anchors where self.anchors[anchor.sequence] != anchor.hash {
            self.report.find(.anchor, sequence: anchor.sequence, "two different hashes were noted for it")
        }
    }

    mutating func segment(_ first: UInt64, isLast: Bool) {
        do throws(AuditError) {
            var reader = try SegmentReader(directory.segment(first))
            report.segments += 1
            guard let key = check(reader.head, name: first) else {
                chain = nil
                return
            }
            chain = reader.headHash
            note(chain)
            contents.begin(first)
            try frames(&reader, key: key, isLast: isLast)
        } catch {
            chain = nil
            report.find(.unreadable, segment: first, error.description)
        }
    }

    /// - Returns: the key whose signatures the segment has; nil where it is not a segment of this trail.
    private mutating func check(_ head: SegmentHead, name: UInt64) -> Curve25519.Signing.PublicKey? {
        guard head.first == name else {
            report.find(
                .order, segment: name, "it was written as segment \(head.first): files were exchanged or renamed")
            return nil
        }
        guard head.trail == report.trail, let index = history.entries.firstIndex(where: { $0.id == head.key }),
            Array(history.entries[index].publicKey.rawRepresentation) == head.publicKey
        else {
            report.find(.key, segment: name, "its key \(head.key) is none of this trail's")
            return nil
        }
        if index < keyIndex { report.find(.key, segment: name, "it has an older key than the segment before") }
        keyIndex = index
        if !isStarted {
            isStarted = true
            report.first = name
            sequence = name - 1
            let zero = String(repeating: "0", count: 2 * FrameHeader.hashSize)
            if name != 1 {
                front = (name, head.previous)
            } else if head.previous != zero {
                report.find(.order, segment: name, "the first segment names one before it")
            }
        } else if name != sequence + 1 {
            report.find(
                .missing, segment: name, sequence: sequence + 1,
                "records \(sequence + 1) to \(name - 1) are missing with their segments, or this one was put in")
            sequence = name - 1
        } else if let chain, head.previous != chain.hex {
            report.find(.order, segment: name, "it does not follow on the segment before: one of them was exchanged")
        }
        return history.entries[index].publicKey
    }

    /// Compares the place with what was noted for it elsewhere.
    mutating func note(_ chain: [UInt8]?) {
        guard !anchors.isEmpty, let hash = anchors[sequence], chain?.hex == hash else { return }
        anchors[sequence] = nil
    }

    consuming func finish() -> AuditReport {
        if !isStarted {
            report.find(.missing, "there is no segment")
        } else if let front, !removed.contains(where: { $0.last == front.first - 1 && $0.hash == front.previous }) {
            report.find(
                .missing, segment: front.first, sequence: front.first - 1,
                "records before it are missing, and no signed statement says that they were removed")
        }
        if let head, !isHeadReached {
            report.find(
                .cut, segment: head.statement.segment, sequence: head.statement.sequence,
                "the trail was signed up to here, and that place is not in it: the end was cut or an old copy put back")
        }
        for (sequence, hash) in anchors.sorted(by: { $0.key < $1.key }) {
            if isStarted, sequence < report.first - 1 {
                report.uncheckedAnchors.append(AuditAnchor(sequence: sequence, hash: hash))
            } else {
                report.find(.anchor, sequence: sequence, "the chain does not have the noted hash \(hash) here")
            }
        }
        contents.finish(&report)
        report.head = AuditAnchor(sequence: sequence, hash: chain?.hex ?? "")
        return report
    }
}
