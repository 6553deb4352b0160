import Crypto
import Foundation
import HadalJSON
import TestSupport
import Testing

@testable import HadalAudit

@Suite struct TamperingTests {
    let directory: TemporaryDirectory
    var data: String { directory.path }

    init() throws { directory = try TemporaryDirectory() }

    private var small: AuditSettings {
        var settings = Trails.settings()
        settings.checkpointRecords = 2
        return settings
    }

    /// Three segments.
    private func makeSegments() async throws -> [String] {
        var settings = small
        settings.segmentSize = 1500
        try await Trails.make(in: data, count: 5, settings: settings)
        let segments = try Trails.segments(data)
        #expect(segments.count >= 3)
        #expect(try Trails.report(data).isValid)
        return segments
    }

    private func finds(_ kinds: Set<AuditFinding.Kind>, _ what: String) throws {
        let report = try Trails.report(data)
        #expect(!report.isValid, "\(what)")
        #expect(report.findings.contains { kinds.contains($0.kind) }, "\(what): \(report.findings)")
    }

    @Test func everyFlippedBitIsFound() async throws {
        try await Trails.make(in: data, count: 2, settings: small)
        let path = try #require(try Trails.segments(data).first)
        let whole = try Trails.read(path)
        for index in whole.indices {
            var bytes = whole
            bytes[index] ^= 1 << UInt8(index % 8)
            try Trails.write(bytes, path)
            #expect(try !Trails.report(data).isValid, "byte \(index)")
        }
    }

    @Test func everyCutIsFound() async throws {
        let segments = try await makeSegments()
        for path in [segments[1], segments[segments.count - 1]] {
            let whole = try Trails.read(path)
            for count in 0..<whole.count {
                try Trails.write(whole[..<count], path)
                #expect(try !Trails.report(data).isValid, "\(path) cut at \(count)")
            }
            try Trails.write(whole, path)
        }
        #expect(try Trails.report(data).isValid)
    }

    @Test func recordsThatAreRemovedExchangedOrRepeatedAreFound() async throws {
        try await Trails.make(in: data, count: 6, settings: small)
        let path = try #require(try Trails.segments(data).first)
        let (start, frames) = try Trails.frames(path)
        let head = try Trails.read(path)[..<start]
        let all = Array(frames.indices)
        var orders: [[Int]] = []
        for index in all {
            orders.append(all.filter { $0 != index })
            orders.append(all.flatMap { $0 == index ? [$0, $0] : [$0] })
            if index > 0 {
                var swapped = all
                swapped.swapAt(index, index - 1)
                orders.append(swapped)
            }
        }
        for order in orders {
            try Trails.write(head + order.flatMap { frames[$0].bytes }, path)
            #expect(try !Trails.report(data).isValid, "\(order)")
        }
    }

    /// Who knows the formats makes frames, checks and hashes anew, but has not the key.
    @Test func aChainThatWasMadeAnewIsFoundByItsSignatures() async throws {
        try await Trails.make(in: data, count: 4, settings: small)
        let path = try #require(try Trails.segments(data).first)
        let (start, frames) = try Trails.frames(path)
        for victim in frames where victim.header.kind == .record {
            var bytes = Array(try Trails.read(path)[..<start])
            let head = bytes
            var chain = Array(bytes.suffix(32))
            for frame in frames {
                var payload = Array(frame.payload)
                if frame.offset == victim.offset {
                    var record = try AuditRecord(canonicalBytes: payload)
                    record.outcome = "no"
                    payload = record.canonicalBytes
                }
                var header = frame.header
                header.length = payload.count
                let new = Frame.make(header, payload: payload, offset: UInt64(bytes.count), previous: chain)
                chain = Array(new.hash)
                bytes += new.bytes
            }
            let whole = try Trails.read(path)
            try Trails.write(bytes, path)
            let report = try Trails.report(data)
            let found = report.findings.first { $0.kind == .changed }
            #expect(found?.segment == 1)
            #expect((found?.sequence ?? 0) >= victim.header.sequence)
            #expect(found?.offset != nil)
            #expect(head == Array(whole[..<start]))
            try Trails.write(whole, path)
        }
    }

    @Test func aChangedRecordIsToldWithItsPlaceAndOnlyThatOne() async throws {
        try await Trails.make(in: data, count: 6, settings: small)
        let path = try #require(try Trails.segments(data).first)
        let frame = try Trails.frames(path).frames.filter { $0.header.kind == .record }[3]
        var bytes = try Trails.read(path)
        bytes[Int(frame.offset) + FrameHeader.size + 10] ^= 1
        try Trails.write(bytes, path)
        let findings = try Trails.report(data).findings
        #expect(findings.count == 1)
        #expect(findings.first?.sequence == 4)
        #expect(findings.first?.offset == frame.offset)
    }

    @Test func missingExchangedAndForeignSegmentsAreFound() async throws {
        let segments = try await makeSegments()
        let bytes = try segments.map(Trails.read)
        for index in segments.indices {
            try FileManager.default.removeItem(atPath: segments[index])
            try finds(index == segments.count - 1 ? [.cut] : [.missing], "segment \(index) removed")
            try Trails.write(bytes[index], segments[index])
        }
        try Trails.write(bytes[0], segments[1])
        try Trails.write(bytes[1], segments[0])
        try finds([.order], "exchanged")
        try Trails.write(bytes[0], segments[0])
        let other = try TemporaryDirectory()
        var settings = small
        settings.segmentSize = 1500
        try await Trails.make(in: other.path, count: 5, settings: settings)
        try Trails.write(try Trails.read(try Trails.segments(other.path)[1]), segments[1])
        try finds([.key], "another trail's segment")
        try Trails.write(bytes[1], segments[1])
        // One put in between, and all removed.
        try Trails.write(bytes[1], AuditDirectory(data: data).segment(500))
        try finds([.order], "inserted")
        try FileManager.default.removeItem(atPath: AuditDirectory(data: data).segment(500))
        #expect(try Trails.report(data).isValid)
        for path in segments { try FileManager.default.removeItem(atPath: path) }
        try finds([.missing], "all removed")
    }

    @Test func wrongMissingAndReplacedKeysAreFound() async throws {
        _ = try await makeSegments()
        let paths = AuditDirectory(data: data)
        let (keys, head) = (try Trails.read(paths.keys), try Trails.read(paths.head))
        let root = try #require(try Trails.report(data).rootKey)
        let other = try TemporaryDirectory()
        try await Trails.make(in: other.path, count: 3)
        let theirs = AuditDirectory(data: other.path)
        for (path, foreign) in [(paths.keys, theirs.keys), (paths.head, theirs.head)] {
            let own = try Trails.read(path)
            try Trails.write(try Trails.read(foreign), path)
            try finds([.key], "\(path) of another trail")
            for index in own.indices {
                var bytes = own
                bytes[index] ^= 4
                try Trails.write(bytes, path)
                #expect(try !Trails.report(data).isValid, "\(path) byte \(index)")
            }
            try FileManager.default.removeItem(atPath: path)
            try finds([.key, .cut], "\(path) removed")
            try Trails.write(own, path)
        }
        #expect(try Trails.read(paths.keys) == keys)
        #expect(try Trails.read(paths.head) == head)
        // Everything replaced by a trail of the attacker's own: only what was noted elsewhere tells.
        try Trails.copy(theirs.path, to: paths.path)
        #expect(try Trails.report(data).isValid)
        var verifier = AuditVerifier(data: data)
        verifier.trustedKey = root
        #expect(try verifier.run().findings.contains { $0.kind == .key })
    }

    @Test func anOldCopyIsFoundByAnAnchorOnly() async throws {
        try await Trails.make(in: data, count: 3)
        let copy = directory.file("copy")
        try Trails.copy(data + "/audit", to: copy)
        let trail = try AuditTrail(data: data, keys: nil, settings: Trails.settings())
        try await trail.append(Trails.record(99))
        let anchor = try await trail.checkpoint()
        try await trail.append(Trails.record(100))
        try await trail.close()
        var verifier = AuditVerifier(data: data)
        verifier.anchors = [anchor, trail.status.anchor]
        #expect(try verifier.run().isValid)
        try Trails.copy(copy, to: data + "/audit")
        #expect(try Trails.report(data).isValid)
        #expect(try verifier.run().findings.filter { $0.kind == .anchor }.count == 2)
    }

    @Test func aCutTrailIsNotContinued() async throws {
        try await Trails.make(in: data, count: 4, settings: small)
        let path = try #require(try Trails.segments(data).first)
        let (start, frames) = try Trails.frames(path)
        let whole = try Trails.read(path)
        for end in [start] + frames.dropLast().map({ Int($0.offset + $0.header.frameSize) }) {
            try Trails.write(whole[..<end], path)
            guard case .cut = await Trails.failure({ _ = try AuditTrail(data: data, keys: nil, settings: small) })
            else {
                Issue.record("a trail cut at \(end) was continued")
                return
            }
            #expect(try Trails.read(path).count == end)
        }
    }

    @Test func hostileSegmentsNeverCrashAReader() async throws {
        try await Trails.make(in: data, count: 4, settings: small, texts: true)
        let path = try #require(try Trails.segments(data).first)
        let whole = try Trails.read(path)
        var random = SplitMix(state: 11)
        for _ in 0..<400 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let values: [UInt8] = [0, 1, 0x7F, 0x80, 0xFF]
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = values[Int.random(in: 0..<5, using: &random)]
            }
            if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
            try Trails.write(bytes, path)
            _ = try Trails.report(data)
            _ = try? Trails.search(data)
            _ = try? AuditTrail(data: data, keys: nil, settings: small)
        }
    }

    /// The checks of frames need no key: an attacker makes them for any numbers.
    @Test func extremeNumbersWithRightChecksNeverCrashAReader() async throws {
        try await Trails.make(in: data, count: 1, settings: small)
        let path = try #require(try Trails.segments(data).first)
        let whole = try Trails.read(path)
        let chain = Array(whole.suffix(32))
        for sequence in [0, 1, 4, UInt64(Int64.max) - 1, UInt64(Int64.max), UInt64(Int64.max) + 1, .max] {
            for time in [Int64.min, -1, 0, .max] {
                for kind in [FrameHeader.Kind.record, .checkpoint, .tombstone] {
                    let header = FrameHeader(
                        length: 2, kind: kind, recordKind: kind == .record ? .act : nil, sequence: sequence, time: time)
                    let frame = Frame.make(header, payload: [0x7B, 0x7D], offset: UInt64(whole.count), previous: chain)
                    try Trails.write(whole + frame.bytes + frame.bytes, path)
                    #expect(try !Trails.report(data).isValid)
                    _ = try? Trails.search(data)
                    _ = try? SegmentSummary(path).isOver(AuditRetention(), now: 0)
                    _ = try? AuditTrail(data: data, keys: nil, settings: small)
                }
            }
        }
        for name in ["00000000000000000000", "18446744073709551615", "09223372036854775807"] {
            try Trails.write(whole, AuditDirectory(data: data).path + "/" + name + ".audit")
        }
        _ = try Trails.report(data)
        _ = try? Trails.search(data)
    }

    @Test func aTrailWhoseLastSignedPlaceIsMissingIsNotContinued() async throws {
        try await Trails.make(in: data, count: 1)
        try FileManager.default.removeItem(atPath: AuditDirectory(data: data).head)
        guard case .badKey = await Trails.failure({ _ = try AuditTrail(data: data, keys: nil, settings: small) }) else {
            Issue.record("it was continued")
            return
        }
    }
}
