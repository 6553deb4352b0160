import Foundation
import Testing

@testable import HadalAccess

/// Questions that wait for a person, as they are kept.
@Suite struct ReviewStoreTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)
    private static let day: TimeInterval = 24 * 3600
    private static let eva = Principal.local(name: "eva")

    private func question(
        _ id: String, _ digest: UInt8 = 1, tenant: String = "red", at time: Date = now
    ) -> ReviewQuestion {
        ReviewQuestion(
            id: id, digest: Data(repeating: digest, count: 32), tenant: tenant, user: "user:1", userName: "ana",
            model: "guide", verdicts: "rules_request=review;rule=merger", time: time)
    }

    private func isAllowed(
        _ store: ReviewStore, _ digest: UInt8 = 1, tenant: String = "red", at time: Date = now
    ) throws -> Bool {
        try store.isAllowed(Data(repeating: digest, count: 32), tenant: tenant, now: time)
    }

    private func withDirectory(_ body: (URL) throws -> Void) throws {
        let data = FileManager.default.temporaryDirectory.appendingPathComponent("hadal-reviews-\(UUID())")
        defer { try? FileManager.default.removeItem(at: data) }
        try body(data)
    }

    @Test func aQuestionWaitsOnceHoweverOftenItIsAsked() throws {
        let store = try ReviewStore(data: nil)
        let first = try store.add(question("a"))
        #expect(first.question == question("a") && first.decision == nil)
        #expect(try store.add(question("b", at: Self.now + 60)) == first)
        #expect(try store.add(question("c", 2)).question.id == "c")
        #expect(try store.entries().map(\.question.id) == ["c", "a"])
        #expect(try !isAllowed(store))
    }

    @Test func whatIsAllowedMayBeAskedForADayAndWaitsAgainAfterThat() throws {
        let store = try ReviewStore(data: nil)
        try store.add(question("a"))
        #expect(try !store.hasAllowed(now: Self.now))
        let decided = try #require(try store.decide("a", isAllowed: true, by: Self.eva, now: Self.now + 60))
        #expect(decided.decision?.isAllowed == true && decided.decision?.time == Self.now + 60)
        #expect(decided.decision?.by == "local:eva" && decided.decision?.byName == "eva")
        let end = Self.now + 60 + Self.day
        #expect(decided.decision?.expires == end)
        #expect(try isAllowed(store, at: end - 1) && store.hasAllowed(now: end - 1))
        #expect(try !isAllowed(store, at: end) && !store.hasAllowed(now: end))
        #expect(try store.add(question("b", at: end)).question.id == "b")
        #expect(try store.entries(waitingOnly: true).map(\.question.id) == ["b"])
    }

    @Test func whatIsRefusedDoesNotComeBackTheSameDay() throws {
        let store = try ReviewStore(data: nil)
        try store.add(question("a"))
        let refused = try #require(try store.decide("a", isAllowed: false, by: Self.eva, now: Self.now))
        #expect(try !isAllowed(store) && !store.hasAllowed(now: Self.now))
        #expect(try store.add(question("b", at: Self.now + Self.day - 1)) == refused)
        #expect(try store.entries(waitingOnly: true).isEmpty)
        #expect(try store.add(question("c", at: Self.now + Self.day)).question.id == "c")
    }

    @Test func theLaterDecisionCounts() throws {
        let store = try ReviewStore(data: nil)
        try store.add(question("a"))
        _ = try store.decide("a", isAllowed: true, by: Self.eva, now: Self.now)
        #expect(try isAllowed(store))
        _ = try store.decide("a", isAllowed: false, by: Self.eva, now: Self.now)
        #expect(try !isAllowed(store))
        #expect(try store.decide("nothing", isAllowed: true, by: Self.eva, now: Self.now) == nil)
    }

    @Test func soManyOfATenantWaitAtMostAndTheOldestGo() throws {
        let store = try ReviewStore(data: nil, waitingMax: 3)
        try store.add(question("blue", tenant: "blue"))
        for number in UInt8(1)...3 { try store.add(question("red \(number)", number)) }
        _ = try store.decide("red 1", isAllowed: true, by: Self.eva, now: Self.now)
        for number in UInt8(4)...6 { try store.add(question("red \(number)", number)) }
        let waiting = try store.entries(tenant: "red", waitingOnly: true)
        #expect(waiting.map(\.question.id) == ["red 6", "red 5", "red 4"])
        #expect(try store.entries(tenant: "blue").map(\.question.id) == ["blue"])
        #expect(try isAllowed(store))
    }

    @Test func whatIsOldGoesUnlessItsDecisionCounts() throws {
        let store = try ReviewStore(data: nil)
        let kept = ReviewStore.keptSeconds
        for (number, id) in ["waits", "refused", "allowed"].enumerated() {
            try store.add(question(id, UInt8(number + 1)))
        }
        _ = try store.decide("refused", isAllowed: false, by: Self.eva, now: Self.now)
        _ = try store.decide("allowed", isAllowed: true, by: Self.eva, now: Self.now + kept - 60)
        try store.add(question("almost", 4, at: Self.now + kept))
        #expect(try store.entries().count == 4)
        try store.add(question("later", 5, at: Self.now + kept + 1))
        #expect(try store.entries().map(\.question.id) == ["later", "almost", "allowed"])
        #expect(try isAllowed(store, 3, at: Self.now + kept + 1))
        try store.add(question("last", 6, at: Self.now + kept + Self.day))
        #expect(try store.entries().map(\.question.id) == ["last", "later", "almost"])
    }

    @Test func tenantsAreApart() throws {
        let store = try ReviewStore(data: nil)
        try store.add(question("red"))
        #expect(try store.add(question("blue", tenant: "blue")).question.id == "blue")
        _ = try store.decide("red", isAllowed: true, by: Self.eva, now: Self.now)
        #expect(try isAllowed(store) && !isAllowed(store, tenant: "blue"))
        #expect(try store.entries(tenant: "blue").map(\.question.id) == ["blue"])
        #expect(try store.entries(tenant: "green").isEmpty)
    }

    @Test func entriesComePageByPage() throws {
        let store = try ReviewStore(data: nil)
        for number in UInt8(1)...5 { try store.add(question("\(number)", number)) }
        let first = try store.entries(limit: 2)
        #expect(first.map(\.question.id) == ["5", "4"])
        #expect(try store.entries(before: first[1].number, limit: 9).map(\.question.id) == ["3", "2", "1"])
        #expect(try store.entries(limit: 0).isEmpty && store.entries(before: 1).isEmpty)
    }

    /// Another store on the same file stands for another process: the two share nothing but the file.
    @Test func whatAnotherProcessDecidesCountsAtOnceAndAfterARestart() throws {
        try withDirectory { data in
            let server = try ReviewStore(data: data)
            let command = try ReviewStore(data: data)
            let entry = try server.add(question("a"))
            #expect(try command.entries(waitingOnly: true) == [entry] && command.entry("a") == entry)
            #expect(try command.add(question("b")) == entry)
            #expect(try !server.hasAllowed(now: Self.now) && !isAllowed(server))
            _ = try command.decide("a", isAllowed: true, by: Self.eva, now: Self.now)
            #expect(try server.hasAllowed(now: Self.now) && isAllowed(server))
            #expect(try isAllowed(try ReviewStore(data: data)))
            #expect(try mode(data.appendingPathComponent("reviews.db")) == 0o600)
        }
    }

    @Test func aDamagedFileIsSaidToBeDamaged() throws {
        try withDirectory { data in
            let file = data.appendingPathComponent("reviews.db")
            try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
            try Data(repeating: 0xA5, count: 8192).write(to: file)
            let error = #expect(throws: AccessStoreError.self) { try ReviewStore(data: data) }
            #expect(error?.damaged == file.path)
        }
    }
}
