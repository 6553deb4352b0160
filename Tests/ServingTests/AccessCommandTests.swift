import Foundation
import HadalAccess
import HadalGateway
import HadalJSON
import Subprocess
import SystemPackage
import Testing

/// The real program's commands about access, beside a running server.
@Suite(.timeLimit(.minutes(15))) struct AccessCommandTests {
    private static func hadal(
        _ data: URL, _ arguments: [String], input: String = ""
    ) async throws -> (status: TerminationStatus, output: String, errors: String) {
        let result = try await Subprocess.run(
            .path(.init(HadalProcess.executable)), arguments: .init(arguments + ["--data", data.path]),
            input: try standardInput(input), output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        return (result.terminationStatus, result.standardOutput, result.standardError)
    }

    private static func json(_ data: URL, _ arguments: [String]) async throws -> JSON {
        let result = try await hadal(data, arguments + ["--json"])
        #expect(result.status == .exited(0), "\(arguments): \(result.errors)")
        return try JSON(parsing: result.output)
    }

    @Test func aRunningServerSeesWhatCommandsChangeWithItsNextRequest() async throws {
        try await GuardedServing.run { guarded in
            let data = guarded.data
            #expect(try await guarded.chat(key: nil).status == 200)
            let made = try await Self.json(data, ["keys", "create", "--name", "ci", "--expires", "1h"])
            let secret = try #require(made["secret"]?.string)
            #expect(try await guarded.chat(key: nil).status == 401)
            #expect(try await guarded.chat(key: secret).status == 200)
            let prefix = try #require(made["prefix"]?.string)
            let limited = try await Self.hadal(data, ["limits", "set", "--key", prefix, "--requests-per-minute", "0"])
            #expect(limited.status == .exited(0), "\(limited.errors)")
            #expect(try await guarded.chat(key: secret).status == 429)
            #expect(try await Self.hadal(data, ["limits", "remove", "--key", prefix]).status == .exited(0))
            #expect(try await guarded.chat(key: secret).status == 200)
            let rotated = try await Self.json(data, ["keys", "rotate", prefix])
            #expect(try await guarded.chat(key: secret).status == 401)
            #expect(try await guarded.chat(key: rotated["secret"]?.string).status == 200)
            #expect(try await Self.hadal(data, ["keys", "revoke", prefix]).status == .exited(0))
            #expect(try await guarded.chat(key: rotated["secret"]?.string).status == 401)
            let acts = try await Self.json(data, ["audit"]).array ?? []
            #expect(
                acts.compactMap { $0["action"]?.string }
                    == ["key.revoke", "key.rotate", "limit.remove", "limit.set", "key.create"])
            #expect(acts.allSatisfy { $0["actor"]?.string?.hasPrefix("local:") == true })
        }
    }

    @Test func passwordsComeByStandardInputOrAFileAndNeverByArguments() async throws {
        try await GuardedServing.run { guarded in
            let data = guarded.data
            let added = try await Self.hadal(
                data, ["users", "add", "ana", "--role", "administrator"], input: GuardedServing.password + "\n")
            #expect(added.status == .exited(0), "\(added.errors)")
            #expect(try await guarded.logIn("ana").status == 201)
            let file = data.appendingPathComponent("password.txt")
            try Data("quite another passphrase\nsecond line".utf8).write(to: file)
            let changed = try await Self.hadal(data, ["users", "password", "ana", "--password-file", file.path])
            #expect(changed.status == .exited(0), "\(changed.errors)")
            #expect(try await guarded.logIn("ana", "quite another passphrase").status == 201)
            let weak = try await Self.hadal(data, ["users", "add", "bo"], input: "short\n")
            #expect(weak.status == .exited(1) && weak.errors.contains("at least 12 characters"))
            let wrong = try await Self.hadal(data, ["users", "add", "bo", "--password", "x"])
            #expect(wrong.status == .exited(2))
            #expect(try await Self.json(data, ["users", "list"]).array?.compactMap { $0["name"] } == ["ana"])
        }
    }

    @Test func theTableOfRolesFitsAScreen() async throws {
        try await BatchTests.withDirectory { data in
            #expect(
                try await Self.hadal(data, ["roles", "add", "support", "--permission", "audit.view"]).status
                    == .exited(0))
            let shown = try await Self.hadal(data, ["roles"])
            let lines = shown.output.split(separator: "\n")
            #expect(lines.allSatisfy { $0.count <= 100 })
            for permission in Permission.allCases {
                #expect(lines.contains { $0.hasPrefix(permission.rawValue + " ") })
            }
            #expect(shown.output.contains("support"))
            #expect(try await Self.json(data, ["roles", "show", "support"])["permissions"] == ["audit.view"])
        }
    }

    @Test func whatIsWrongIsToldWithWhatToDoNext() async throws {
        try await BatchTests.withDirectory { data in
            let failures: [([String], String)] = [
                (["users", "set", "nobody", "--disable"], "hadal users list"),
                (["keys", "revoke", "zz"], "hadal keys list"),
                (["keys", "create", "--name", "k", "--role", "king"], "hadal roles"),
                (["keys", "create", "--name", "k", "--tenant", "red"], "hadal tenants list"),
                (["tenants", "remove", "red"], "hadal tenants list"), (["roles", "show", "x"], "hadal roles"),
                (["limits", "remove"], "hadal limits list"),
                (["limits", "set", "--tokens-per-day", "x"], "whole number"),
                (["addresses", "set", "--tenant", "default", "--allow", "10.0.0.1/8"], "10.0.0.0/8"),
                (["usage", "--from", "yesterday"], "YYYY-MM-DD"),
            ]
            for (arguments, advice) in failures {
                let result = try await Self.hadal(data, arguments)
                #expect(result.status == .exited(1), "\(arguments)")
                #expect(result.errors.hasPrefix("error: ") && result.errors.contains(advice), "\(result.errors)")
            }
            for arguments in [
                ["users", "set", "ana"], ["keys", "create"], ["keys", "create", "--name", "k", "--expires", "soon"],
                ["keys", "create", "--name", "k", "--scopes", "everything"],
                ["keys", "create", "--name", "k", "--user", "a", "--role", "b"], ["limits", "set", "--user", "ana"],
                ["limits", "set", "--user", "a", "--tenant", "b", "--tokens-per-day", "1"], ["roles", "add", "r"],
                ["addresses", "set", "--allow", "10.0.0.0/8"], ["audit", "--limit", "0"], ["audit", "--from", "x"],
                ["usage", "--by", "colour"],
            ] {
                #expect(try await Self.hadal(data, arguments).status == .exited(2), "\(arguments)")
            }
        }
    }
}
