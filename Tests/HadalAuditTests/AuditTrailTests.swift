import Foundation
import HadalJSON
import HadalSecrets
import TestSupport
import Testing

@testable import HadalAudit

@Suite struct AuditTrailTests {
    let directory: TemporaryDirectory
    var data: String { directory.path }

    init() throws { directory = try TemporaryDirectory() }

    @Test func whatIsRecordedIsReadBack() async throws {
        let trail = try AuditTrail(data: data, keys: nil, settings: Trails.settings())
        let sequence = try await trail.append(Trails.record(7), input: .masked("Ask [PHONE]"), output: .hash("Answer"))
        #expect(sequence == 2)
        try await trail.close()
        let records = try Trails.search(data)
        #expect(records.map(\.action) == ["trail.close", "/v1/chat/completions", "trail.open"])
        var found = records[1]
        let contents = try AuditContents(data: data)
        #expect(try contents.input(of: found) == "Ask [PHONE]")
        #expect(contents.isOutput("Answer", of: found) == true)
        #expect(contents.isOutput("Another", of: found) == false)
        #expect(contents.isInput("Ask [PHONE]", of: found) == nil)
        #expect(found.input?.form == .masked)
        (found.input, found.output, found.sequence) = (nil, nil, 0)
        #expect(found.canonicalBytes == Trails.record(7).canonicalBytes)
        #expect(try Trails.report(data).isValid)
    }

    @Test func theCanonicalFormIsOneWhateverTheOrderOfMembers() throws {
        var one = Trails.record(1)
        var two = Trails.record(1)
        one.details = ["b": 1, "a": ["z": 1, "y": [["d": 1, "c": 2]]]]
        two.details = ["a": ["y": [["c": 2, "d": 1]], "z": 1], "b": 1]
        #expect(one.canonicalBytes == two.canonicalBytes)
        let names = try #require(try JSON(parsing: one.canonicalBytes).object).keys
        #expect(names == names.sorted())
        #expect(try AuditRecord(canonicalBytes: one.canonicalBytes).seed == .max)
    }

    @Test func aReopenedTrailGoesOn() async throws {
        for _ in 0..<3 { try await Trails.make(in: data, count: 4) }
        let report = try Trails.report(data)
        #expect(report.isValid, "\(report.findings)")
        #expect(report.records == 18)
        #expect(report.head.sequence == 18)
        #expect(report.unsigned == 0)
        #expect(try Trails.search(data).map(\.sequence) == Array((1...18).reversed()))
    }

    @Test func onlyOneMayWrite() async throws {
        let trail = try AuditTrail(data: data, keys: nil, settings: Trails.settings())
        #expect(
            await Trails.failure { _ = try AuditTrail(data: data, keys: nil, settings: Trails.settings()) }
                == .busy(path: data + "/audit/lock"))
        #expect(try Trails.report(data).isBeingWritten)
        try await trail.close()
        #expect(await Trails.failure { try await trail.append(Trails.record(1)) } == .closed)
        #expect(try !Trails.report(data).isBeingWritten)
        try await AuditTrail(data: data, keys: nil, settings: Trails.settings()).close()
    }

    @Test func manyAppendersGetEachANumberOfTheirOwn() async throws {
        var settings = Trails.settings()
        settings.checkpointRecords = 50
        settings.segmentSize = 100_000
        let trail = try AuditTrail(data: data, keys: nil, settings: settings)
        let numbers = try await withThrowingTaskGroup(of: [UInt64].self) { group in
            for task in 0..<32 {
                group.addTask {
                    var numbers: [UInt64] = []
                    for number in 0..<50 {
                        let record = Trails.record(task * 50 + number, user: "user-\(task)")
                        if let sequence = try await trail.append(record, input: .full("text"), durable: number % 2 == 0)
                        {
                            numbers.append(sequence)
                        }
                    }
                    return numbers
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        try await trail.close()
        #expect(numbers.sorted() == Array(2...1601))
        let report = try Trails.report(data)
        #expect(report.isValid, "\(report.findings)")
        #expect(report.records == 1602)
        #expect(report.segments > 5)
        #expect(report.checkpoints > 30)
        #expect(report.contents == 1600)
        // Each appender's records are in the order in which it appended them.
        for task in 0..<32 {
            var query = AuditQuery()
            query.user = "user-\(task)"
            query.newestFirst = false
            #expect(try Trails.search(data, query).map(\.id) == (0..<50).map { "id-\(task * 50 + $0)" })
        }
    }

    @Test func aSealedTrailShowsNothingOfItsRecordsAndIsVerifiedWithoutKeys() async throws {
        let keys = try await Trails.keys(in: data)
        try await Trails.make(in: data, count: 5, keys: keys, texts: true)
        let open = try Trails.report(data, keys: keys)
        #expect(open.isValid, "\(open.findings)")
        #expect(open.contents == 10)
        let blind = try Trails.report(data)
        #expect(blind.isValid, "\(blind.findings)")
        #expect(blind.unopened == 7)
        #expect(try Trails.search(data, keys: keys).count == 7)
        #expect(throws: AuditError.self) { try Trails.search(data) }
        let files = FileManager.default.enumerator(atPath: data + "/audit")?.compactMap { $0 as? String } ?? []
        #expect(files.count > 5)
        for file in files {
            guard let bytes = try? Trails.read(data + "/audit/" + file) else { continue }
            for word in ["alice", "question", "192.0.2.7"] {
                #expect(Data(bytes).range(of: Data(word.utf8)) == nil, "\(file) has \(word)")
            }
        }
        #expect(await Trails.failure { _ = try AuditTrail(data: data, keys: nil, settings: Trails.settings()) } != nil)
    }

    @Test func withoutAKeyServiceTextsAreEncryptedAllTheSame() async throws {
        try await Trails.make(in: data, count: 2, texts: true)
        let bytes = try Trails.read(AuditDirectory(data: data).contents(1))
        #expect(Data(bytes).range(of: Data("question".utf8)) == nil)
        for name in ["signing.key", "keys", "head", "00000000000000000001.audit", "00000000000000000001.contents"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: data + "/audit/" + name)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600, "\(name)")
        }
    }

    @Test func checkpointsComeByNumberAndByTime() async throws {
        var settings = Trails.settings()
        settings.checkpointRecords = 3
        let byNumber = try AuditTrail(data: data, keys: nil, settings: settings)
        for number in 0..<7 { try await byNumber.append(Trails.record(number)) }
        #expect(byNumber.status.unsigned == 1)
        try await byNumber.close()
        settings.checkpointRecords = 1000
        settings.checkpointInterval = 0.02
        let byTime = try AuditTrail(data: data, keys: nil, settings: settings)
        try await byTime.append(Trails.record(9))
        let deadline = ContinuousClock.now + .seconds(30)
        while byTime.status.unsigned > 0, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(5)) }
        #expect(byTime.status.unsigned == 0)
        try await byTime.close()
    }

    @Test func aRecordThatIsTooLongFailsAlone() async throws {
        let trail = try AuditTrail(data: data, keys: nil, settings: Trails.settings())
        var long = Trails.record(1)
        long.details = .string(String(repeating: "x", count: 5 << 20))
        async let failed = Trails.failure { try await trail.append(long, input: .full("x")) }
        async let fine = trail.append(Trails.record(2), input: .full("y"))
        guard case .tooLarge = await failed else {
            Issue.record("a record of 5 MiB was taken")
            return
        }
        _ = try await fine
        try await trail.close()
        #expect(trail.status.failure == nil)
        #expect(try Trails.report(data).isValid)
        #expect(try Trails.report(data).records == 3)
    }
}
