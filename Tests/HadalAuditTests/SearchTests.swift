import Foundation
import HadalJSON
import TestSupport
import Testing

@testable import HadalAudit

@Suite struct SearchTests {
    let directory: TemporaryDirectory
    var data: String { directory.path }

    init() async throws {
        directory = try TemporaryDirectory()
        var settings = Trails.settings()
        settings.segmentSize = 3000
        let trail = try AuditTrail(data: directory.path, keys: nil, settings: settings)
        for number in 0..<20 {
            var record = Trails.record(
                number, number % 5 == 0 ? .act : .request, user: number % 2 == 0 ? "alice" : "bob")
            if number == 7 { record.details = ["note": "Änderung of the \"quota\""] }
            if number == 8 { record.outcome = "refused" }
            try await trail.append(record)
        }
        try await trail.close()
    }

    private func ids(_ change: (inout AuditQuery) -> Void) throws -> [Int] {
        var query = AuditQuery()
        change(&query)
        return try Trails.search(data, query).compactMap { $0.id.hasPrefix("id-") ? Int($0.id.dropFirst(3)) : nil }
    }

    @Test func everyFilterGivesItsRecordsNewestFirst() throws {
        #expect(try ids { _ in } == Array((0..<20).reversed()))
        #expect(try ids { $0.kinds = [.act] } == [15, 10, 5, 0])
        #expect(
            try ids {
                $0.user = "bob"
                $0.kinds = [.act]
            } == [15, 5])
        #expect(try ids { $0.requestID = "req-1" } == [1])
        #expect(try ids { $0.tenant = "none" } == [])
        #expect(
            try ids {
                $0.model = "deepseek-v3"
                $0.outcome = "refused"
            } == [8])
        #expect(try ids { $0.text = "änderung OF the" } == [7])
        #expect(try ids { $0.text = "USER.create" } == [15, 10, 5, 0])
        let start: Int64 = 1_800_000_000_000_000_000
        #expect(
            try ids {
                $0.from = start + 3
                $0.to = start + 6
            } == [5, 4, 3])
        #expect(
            try ids {
                $0.newestFirst = false
                $0.action = "user.create"
            } == [0, 5, 10, 15])
    }

    @Test func pagesFollowOneAnotherWithoutGapAndRepetition() throws {
        for newestFirst in [true, false] {
            var query = AuditQuery()
            query.newestFirst = newestFirst
            var all: [UInt64] = []
            while true {
                let page = try AuditSearch(data: data).page(query, limit: 3)
                guard let last = page.last else { break }
                all += page.map(\.sequence)
                if newestFirst { query.before = last.sequence } else { query.after = last.sequence }
            }
            #expect(all == (newestFirst ? Array((1...22).reversed()) : Array(1...22)))
        }
    }

    @Test func aTrailThatIsWrittenIsRead() async throws {
        let trail = try AuditTrail(data: data, keys: nil, settings: Trails.settings())
        try await trail.append(Trails.record(50), durable: false)
        #expect(try Trails.search(data).first?.id == "id-50")
        #expect(try Trails.report(data).isValid)
        #expect(try Trails.report(data).unsigned == 1)
        // Half a record, as a reader may see it.
        let path = try #require(try Trails.segments(data).last)
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: [1, 2, 3])
        #expect(try Trails.search(data).first?.id == "id-50")
        #expect(try Trails.report(data).isValid)
        try await trail.close()
    }
}
