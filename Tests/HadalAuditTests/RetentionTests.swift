import Foundation
import HadalJSON
import TestSupport
import Testing

@testable import HadalAudit

@Suite struct RetentionTests {
    let directory: TemporaryDirectory
    let clock = TestClock()
    var data: String { directory.path }

    init() throws { directory = try TemporaryDirectory() }

    private func append(_ trail: AuditTrail, _ number: Int, _ kind: AuditRecord.Kind = .request) async throws {
        var record = Trails.record(number, kind)
        record.time = clock.now
        try await trail.append(record, input: .full("question \(number)"))
    }

    @Test func oldContentsGoBeforeOldRecordsAndTheChainHolds() async throws {
        let trail = try AuditTrail(data: data, keys: nil, settings: Trails.settings(clock))
        for day in 0..<12 {
            try await append(trail, day)
            clock.advance(days: 1.01)
        }
        let contents = try await trail.applyRetention()
        #expect(contents.segments.isEmpty)
        #expect(contents.contents.count == 6)
        #expect(try await trail.applyRetention() == AuditRemoval())
        try await append(trail, 99)
        var report = try Trails.report(data)
        #expect(report.isValid, "\(report.findings)")
        #expect(report.contentsRemoved == 6)
        #expect(report.contents == 7)
        let first = try #require(try Trails.search(data).first { $0.id == "id-0" })
        guard case .contentGone = await Trails.failure({ _ = try AuditContents(data: data).input(of: first) }) else {
            Issue.record("a text that has passed its time was read")
            return
        }
        clock.advance(days: 175)
        try await append(trail, 100)
        clock.advance(days: 1)
        let removal = try await trail.applyRetention()
        #expect(removal.segments.count == 9)
        try await trail.close()
        report = try Trails.report(data)
        #expect(report.isValid, "\(report.findings)")
        #expect(report.first > 1)
        #expect(try Trails.search(data).allSatisfy { $0.sequence >= report.first })
        #expect(try Trails.search(data).contains { $0.action == "trail.retention" })
        // The chain goes on after a restart, and an early anchor cannot be checked any more.
        try await Trails.make(in: data, count: 1, settings: Trails.settings(clock))
        var verifier = AuditVerifier(data: data)
        verifier.anchors = [AuditAnchor(sequence: 2, hash: "00")]
        #expect(try verifier.run().isValid)
        #expect(try verifier.run().uncheckedAnchors.count == 1)
    }

    @Test func aSegmentStaysAsLongAsOneOfItsKindsMust() async throws {
        var settings = Trails.settings(clock)
        settings.retention.records = [.act: 365]
        let trail = try AuditTrail(data: data, keys: nil, settings: settings)
        try await append(trail, 0)
        clock.advance(days: 2)
        try await append(trail, 1, .act)
        clock.advance(days: 2)
        try await append(trail, 2)
        clock.advance(days: 200)
        try await append(trail, 3)
        #expect(try await trail.applyRetention().segments == [1])
        clock.advance(days: 170)
        try await append(trail, 4)
        #expect(try await trail.applyRetention().segments.count >= 2)
        try await trail.close()
        #expect(try Trails.report(data).isValid)
    }

    @Test func segmentsThatWereRemovedWithoutAStatementAreFound() async throws {
        let trail = try AuditTrail(data: data, keys: nil, settings: Trails.settings(clock))
        for day in 0..<4 {
            try await append(trail, day)
            clock.advance(days: 1.01)
        }
        try await trail.close()
        let paths = AuditDirectory(data: data)
        let segments = try paths.segments()
        let contents = try Trails.read(paths.contents(segments[0]))
        try FileManager.default.removeItem(atPath: paths.contents(segments[0]))
        #expect(try Trails.report(data).findings.map(\.kind) == [.contents])
        try Trails.write(contents.map { $0 ^ 1 }, paths.contents(segments[0]))
        #expect(try Trails.report(data).findings.map(\.kind) == [.contents])
        try FileManager.default.removeItem(atPath: paths.segment(segments[0]))
        #expect(try Trails.report(data).findings.map(\.kind) == [.missing])
    }

    @Test(arguments: [false, true]) func anErasedPersonsTextsAreGoneAndTheChainHolds(isSealed: Bool) async throws {
        let keys = isSealed ? try await Trails.keys(in: data) : nil
        let trail = try AuditTrail(data: data, keys: keys, settings: Trails.settings())
        try await trail.append(Trails.record(1, user: "alice"), input: .full("hers"), output: .hash("answer"))
        try await trail.append(Trails.record(2, user: "bob"), input: .full("his"))
        let people = AuditDirectory(data: data).people
        #expect(try FileManager.default.contentsOfDirectory(atPath: people).count == 2)
        #expect(try await trail.erase(AuditPerson(tenant: "acme", user: "alice")))
        #expect(try await !trail.erase(AuditPerson(tenant: "acme", user: "alice")))
        #expect(try FileManager.default.contentsOfDirectory(atPath: people).count == 1)
        try await trail.append(Trails.record(3, user: "alice"), input: .full("hers again"))
        try await trail.close()
        let report = try Trails.report(data, keys: keys)
        #expect(report.isValid, "\(report.findings)")
        let records = try Trails.search(data, keys: keys)
        func record(_ id: String) throws -> AuditRecord { try #require(records.first { $0.id == id }) }
        let contents = try AuditContents(data: data, keys: keys)
        guard case .contentGone = await Trails.failure({ _ = try contents.input(of: try record("id-1")) }) else {
            Issue.record("an erased text was read")
            return
        }
        #expect(contents.isOutput("answer", of: try record("id-1")) == nil)
        #expect(try contents.input(of: try record("id-2")) == "his")
        #expect(try contents.input(of: try record("id-3")) == "hers again")
        #expect(records.first { $0.action == "contents.erase" }?.target == "acme/alice")
    }

    @Test(arguments: [false, true]) func aNewSigningKeyIsSignedByTheOldOne(isSealed: Bool) async throws {
        let keys = isSealed ? try await Trails.keys(in: data) : nil
        let trail = try AuditTrail(data: data, keys: keys, settings: Trails.settings())
        let root = try #require(trail.status.key)
        for number in 0..<3 {
            try await trail.append(Trails.record(number))
            let key = try await trail.rotateKey()
            #expect(trail.status.key == key)
        }
        try await trail.close()
        var verifier = AuditVerifier(data: data, keys: keys)
        verifier.trustedKey = root
        var report = try verifier.run()
        #expect(report.isValid, "\(report.findings)")
        #expect(report.keys == 4)
        #expect(report.segments == 4)
        try await Trails.make(in: data, count: 2, keys: keys)
        report = try verifier.run()
        #expect(report.isValid, "\(report.findings)")
    }

    /// A crash after the new key was written and before the list of public keys had it.
    @Test func aRotationThatACrashCutOffIsBroughtToItsEnd() async throws {
        let trail = try AuditTrail(data: data, keys: nil, settings: Trails.settings())
        let paths = AuditDirectory(data: data)
        let before = try Trails.read(paths.keys)
        try await trail.rotateKey()
        try await trail.close()
        let last = try #require(try Trails.segments(data).last)
        try FileManager.default.removeItem(atPath: last)
        try Trails.write(before, paths.keys)
        // The published head is that of the segment before, as it was then.
        let first = try #require(try Trails.segments(data).first)
        let end = try #require(try Trails.frames(first).frames.last)
        let signed = try #require(SignedStatement(payload: end.payload))
        try Trails.write((signed.line + "\n").utf8, paths.head)
        try await Trails.make(in: data, count: 2)
        let report = try Trails.report(data)
        #expect(report.isValid, "\(report.findings)")
        #expect(report.keys == 2)
        #expect(report.segments == 2)
    }

    @Test func aLostOrForeignSigningKeyIsRefused() async throws {
        try await Trails.make(in: data, count: 1)
        let path = AuditDirectory(data: data).signingKey
        let own = try Trails.read(path)
        let other = try TemporaryDirectory()
        try await Trails.make(in: other.path, count: 1)
        for bytes in [nil, try Trails.read(AuditDirectory(data: other.path).signingKey), Array("{}".utf8)] {
            try FileManager.default.removeItem(atPath: path)
            if let bytes { try Trails.write(bytes, path) }
            guard
                case .badKey = await Trails.failure({
                    _ = try AuditTrail(data: data, keys: nil, settings: Trails.settings())
                })
            else {
                Issue.record("the trail was continued")
                return
            }
            try Trails.write(own, path)
        }
        try await Trails.make(in: data, count: 1)
        #expect(try Trails.report(data).isValid)
    }
}
