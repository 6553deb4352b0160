import Foundation
import HadalJSON
import TestSupport
import Testing

@testable import HadalAlerts

@Suite(.timeLimit(.minutes(15)))
struct CommandTests {
    private static func script(_ text: String, in folder: TemporaryDirectory) throws -> String {
        let path = try folder.write("#!/bin/sh\n\(text)\n".utf8, "script \(UUID().uuidString)")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return path
    }

    private static func problem(_ channel: CommandChannel) async -> AlertError? {
        do throws(AlertError) {
            try await channel.send(.sample())
            return nil
        } catch { return error }
    }

    @Test func aProgramGetsTheMessage() async throws {
        let folder = try TemporaryDirectory()
        defer { withExtendedLifetime(folder) {} }
        setenv("HADAL_TEST_SECRET", "secret", 1)
        let path = try Self.script(
            #"cat > "$1"; printf '%s|%s|%s' "$2" "$#" "$HADAL_TEST_SECRET" > "$1.arguments""#, in: folder)
        let file = folder.file("told")
        try await CommandChannel(name: "page", command: [path, file, "$(id) ; *"]).send(.sample())
        #expect(try JSON(parsing: Data(contentsOf: URL(fileURLWithPath: file))) == AlertMessage.sample().json)
        #expect(try String(contentsOfFile: file + ".arguments", encoding: .utf8) == "$(id) ; *|2|")
    }

    @Test(arguments: [
        ("echo nobody >&2; exit 3", true, "ends with exit code 3: nobody"),
        ("exit 75", false, "ends with exit code 75"),
        ("kill -9 $$", true, "ends with signal 9"),
    ])
    func itsEndSaysWhetherToTryAgain(_ text: String, _ isFinal: Bool, _ words: String) async throws {
        let folder = try TemporaryDirectory()
        defer { withExtendedLifetime(folder) {} }
        let path = try Self.script(text, in: folder)
        let error = await Self.problem(try CommandChannel(name: "page", command: [path]))
        #expect(error == .delivery(problem: "\(path) \(words)", isFinal: isFinal))
    }

    @Test func oneThatDoesNotReadOrTalksMuchIsNoTrouble() async throws {
        #expect(await Self.problem(try CommandChannel(name: "page", command: ["/bin/true"])) == nil)
        let folder = try TemporaryDirectory()
        defer { withExtendedLifetime(folder) {} }
        let path = try Self.script("head -c 3000000 /dev/zero >&2; head -c 3000000 /dev/zero", in: folder)
        #expect(await Self.problem(try CommandChannel(name: "page", command: [path])) == nil)
    }

    @Test func alsoALongMessageFits() async throws {
        let folder = try TemporaryDirectory()
        defer { withExtendedLifetime(folder) {} }
        let file = folder.file("told")
        let name = String(repeating: "很长", count: 900)
        let message = AlertMessage.sample((0..<50).map { .sample(model: name + "\($0)") })
        #expect(message.json.bytes.count > 500_000)
        let path = try Self.script(#"cat > "$1""#, in: folder)
        try await CommandChannel(name: "page", command: [path, file]).send(message)
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == Data(message.json.bytes))
        #expect(throws: AlertError.self) { try CommandInput.pipe(of: Array(repeating: 0, count: 2 << 20)) }
    }

    @Test func itsTimeIsLimited() async throws {
        let folder = try TemporaryDirectory()
        defer { withExtendedLifetime(folder) {} }
        // It starts another one, and neither listens to a polite end.
        let pids = folder.file("pids")
        let path = try Self.script("trap '' TERM; sleep 600 & echo $! $$ > '\(pids)'; wait; sleep 600", in: folder)
        var policy = RetryPolicy()
        (policy.limit, policy.attempts) = (.milliseconds(500), 1)
        let delivery = AlertDelivery(
            [AlertRoute("page", try CommandChannel(name: "page", command: [path]), policy: policy)], logger: quiet)
        await #expect(throws: AlertError.self) { try await delivery.test("page", .sample()) }
        #expect(delivery.status[0].lastError?.contains("it takes longer than") == true)
        let numbers = try String(contentsOfFile: pids, encoding: .utf8).split(whereSeparator: \.isWhitespace)
        for number in numbers.compactMap({ Int32($0) }) {
            // A killed one may still be there for its parent to look at.
            let state = (try? String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8)) ?? ") Z"
            #expect(state.contains(") Z"), "\(number) runs on")
        }
        #expect(numbers.count == 2)
    }

    @Test func badCommandsAreRefused() throws {
        let folder = try TemporaryDirectory()
        defer { withExtendedLifetime(folder) {} }
        let plain = try folder.write("text".utf8, "plain")
        for command in [[], ["sh", "-c", "x"], ["/nowhere"], [plain], ["/bin/true", "a\0b"]] {
            #expect(throws: AlertError.self) { try CommandChannel(name: "page", command: command) }
        }
    }
}
