import Crypto
import Foundation

extension TrailWriter {
    mutating func rollIfDue() throws(AuditError) {
        let age = settings.now() &- segment.created
        guard position.offset >= settings.segmentSize || age >= AuditRetention.nanoseconds(settings.segmentAge / 86_400)
        else { return }
        try roll()
    }

    /// Ends the segment and begins the next.
    mutating func roll() throws(AuditError) {
        if let broken { throw .broken(cause: broken.description) }
        // A segment without records has the name that the next would get.
        guard position.sequence >= segment.first else { return }
        try checkpoint(.end)
        do throws(AuditError) {
            try begin()
        } catch {
            // Nothing may follow in a segment that was ended.
            broken = error
            throw error
        }
    }

    private mutating func begin() throws(AuditError) {
        let made = try Self.begin(
            after: position, in: directory, signer: signer, time: settings.now(), first: position.sequence + 1)
        (segment, file, position, contents) = (made.head, made.file, made.position, nil)
        publish(made.signed)
    }

    /// A new segment with its first checkpoint, which appears whole.
    static func begin(
        after last: TrailPosition?, in directory: AuditDirectory, signer: SigningKey, time: Int64, first: UInt64
    ) throws(AuditError) -> (head: SegmentHead, file: AuditFile, position: TrailPosition, signed: SignedStatement) {
        let head = SegmentHead(
            trail: signer.trail, first: first,
            previous: last?.chain.hex ?? String(repeating: "0", count: 2 * FrameHeader.hashSize), created: time,
            key: signer.id, publicKey: Array(signer.key.publicKey.rawRepresentation))
        var bytes = head.bytes()
        var position = TrailPosition(
            sequence: first - 1, offset: UInt64(bytes.count), chain: bytes.suffix(FrameHeader.hashSize), unsigned: 0)
        let signed = try position.sign(
            .checkpoint(.start), signer, segment: first, time: time, path: directory.signingKey, to: &bytes)
        let path = directory.segment(first)
        try SmallFile.write(bytes, to: path)
        return (head, try AuditFile(path, O_RDWR), position, signed)
    }

    /// A new signing key, signed by the old one. The segment ends with the old key, the next begins with the new one.
    mutating func rotateKey() throws(AuditError) {
        let new = try SigningKey.make(
            trail: signer.trail, after: signer, time: settings.now(), path: directory.signingKey)
        var record = AuditRecord(.system, outcome: "ok", time: settings.now())
        record.action = "trail.rotate_key"
        record.target = new.id.text
        try commit(one: record)
        var history = history
        guard history.append(new.entry) else {
            throw .badKey(path: directory.keys, problem: "the signing key is not the last in this list")
        }
        try checkpoint(.end)
        do throws(AuditError) {
            // The key's file has its line of the list with it, so that a crash in between loses nothing.
            try new.write(to: directory.signingKey, keys: keys)
            try history.write(to: directory.keys)
            (signer, self.history) = (new, history)
            try begin()
        } catch {
            broken = error
            throw error
        }
    }

    mutating func commit(one record: AuditRecord) throws(AuditError) {
        for result in commit([Self.own(record)]) { _ = try result.get() }
    }
}
