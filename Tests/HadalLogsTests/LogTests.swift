import Foundation
import HadalJSON
import Logging
import Synchronization
import Testing

@testable import HadalLogs

@Suite(.timeLimit(.minutes(15)))
struct LogTests {
    private final class Memory: LogPlace, @unchecked Sendable {
        let lines = Mutex<[String]>([])
        let gate = DispatchSemaphore(value: 0)
        let isSlow: Bool
        let fails: Bool

        init(isSlow: Bool = false, fails: Bool = false) { (self.isSlow, self.fails) = (isSlow, fails) }

        func write(_ records: [LogRecord]) throws {
            if isSlow { gate.wait() }
            if fails { throw LogError.system(path: "log", operation: "write", code: ENOSPC) }
            lines.withLock { $0 += records.map(\.line) }
        }
    }

    private func logger(_ queue: LogQueue, _ format: LogFormat = .json) -> Logger {
        Logger(label: "test") { QueueLogHandler(label: $0, format, queue, .init { ["request_id": "req-1"] }) }
    }

    // MARK: what is written

    @Test func anEventIsAnObject() throws {
        let place = Memory()
        let queue = LogQueue(place)
        logger(queue).error("it \"broke\"\nhere", metadata: ["path": "/v1", "level": "own"])
        queue.close()
        let json = try JSON(parsing: try #require(place.lines.withLock { $0 }.first))
        #expect(json["level"] == "error" && json["label"] == "test" && json["message"] == "it \"broke\"\nhere")
        #expect(json["request_id"] == "req-1" && json["path"] == "/v1" && json["_level"] == "own")
        #expect(
            json["time"]?.string.flatMap { text in
                try? Date(
                    text,
                    strategy: .iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(
                        separator: .omitted))
            } != nil)
    }

    @Test func aLineIsALine() {
        let line = LogFormat.text.line(
            level: "notice", label: "hadal", "one\ntwo", [("a", "plain"), ("b", "two words"), ("c", "")],
            time: Date(timeIntervalSince1970: 0))
        #expect(line.hasSuffix(#"notice hadal: a=plain b="two words" c="" one\ntwo"#))
    }

    @Test(arguments: [
        (
            "the key hadal_01234567_abcdefghijklmnopqrstuvwxyz-0123456789_ABCDE is wrong",
            "the key hadal_[redacted] is wrong"
        ),
        ("Authorization: Bearer abcdefghijk.lmn", "Authorization: Bearer [redacted]"),
        ("pull with hf_ABCDEFGHIJKLMNOP from", "pull with hf_[redacted] from"),
        ("asks https://user:pa55@example.org/a", "asks https://user:[redacted]@example.org/a"),
        ("token eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.sig-_a", "token [redacted]"),
        (
            "hadal_http_requests_total rose; see https://example.org/a:b@c",
            "hadal_http_requests_total rose; see https://example.org/a:b@c"
        ),
    ])
    func secretsAreTakenOut(text: String, shown: String) {
        #expect(Redaction.cleaned(text) == shown)
    }

    @Test func secretMembersAreNotWritten() throws {
        let place = Memory()
        let queue = LogQueue(place)
        logger(queue, .text).warning("no", metadata: ["Password": "open sesame", "authorization": "x", "user": "ada"])
        queue.close()
        let line = try #require(place.lines.withLock { $0 }.first)
        #expect(!line.contains("sesame") && line.contains("user=ada"))
    }

    // MARK: the queue

    /// Whoever logs goes on although nothing is written; what had no room is counted.
    @Test func nobodyWaitsForTheDisk() {
        let place = Memory(isSlow: true)
        let queue = LogQueue(place, limit: 20_000)
        let logger = logger(queue)
        for number in 0..<1000 { logger.error("event \(number)") }
        for _ in 0..<1000 { place.gate.signal() }
        queue.close()
        let lines = place.lines.withLock { $0 }
        #expect(lines.count > 50 && lines.count < 500)
        #expect(lines[0].contains("event 0\"") && lines.contains { $0.contains("events were not logged") })
        // In order.
        let numbers = lines.compactMap { $0.firstMatch(of: /event (\d+)/).flatMap { Int($0.1) } }
        #expect(numbers == numbers.sorted())
    }

    @Test func whatCannotBeWrittenGoesElsewhere() {
        let fallback = Memory()
        let queue = LogQueue(Memory(fails: true), fallback: fallback)
        logger(queue).error("lost?")
        queue.close()
        let lines = fallback.lines.withLock { $0 }
        #expect(lines.count == 2 && lines[0].contains("lost?") && lines[1].contains("No space left"))
    }

    @Test func manyThreadsLoseNothing() async {
        let place = Memory()
        let queue = LogQueue(place)
        let logger = logger(queue)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 { group.addTask { for number in 0..<500 { logger.notice("\(task) \(number)") } } }
        }
        queue.close()
        #expect(Set(place.lines.withLock { $0 }.map { try? JSON(parsing: $0)["message"]?.string }).count == 4000)
    }
}
