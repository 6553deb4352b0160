import Foundation
import HadalJSON
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// Where the real program's commands find the data directory, and what they record there.
@Suite(.timeLimit(.minutes(15))) struct LocalCommandTests {
    private static let passphrase = "nobody would think of this one"

    private struct Place {
        var data = ""
        var config = ""
        /// XDG's.
        var base = "/nonexistent"
    }

    private static func hadal(
        _ arguments: [String], _ place: Place = Place()
    ) async throws -> (status: TerminationStatus, output: String, errors: String) {
        let result = try await Subprocess.run(
            .path(.init(HadalProcess.executable)), arguments: .init(arguments),
            environment: .inherit.updating([
                "HADAL_DATA": place.data, "HADAL_CONFIG": place.config, "XDG_DATA_HOME": place.base,
                "TEST_PASSPHRASE": passphrase,
            ]),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        return (result.terminationStatus, result.standardOutput, result.standardError)
    }

    @Test func commandsFindTheirDataAsTheServerDoes() async throws {
        let directory = try TemporaryDirectory()
        let config = try directory.write("data: kept\n".utf8, "hadal.yaml")
        let other = directory.file("other")
        let cases: [([String], Place, kept: String)] = [
            ([], Place(base: directory.path), "hadal"),
            (["--config", config], Place(base: directory.path), "kept"),
            ([], Place(config: config), "kept"),
            ([], Place(data: other, config: config), "other"),
            (["--data", directory.file("third"), "--config", config], Place(data: other), "third"),
        ]
        for (options, place, kept) in cases {
            for command in [["users", "list"], ["audit"], ["usage"], ["certs", "init"]] {
                let result = try await Self.hadal(command + options, place)
                #expect(result.status == .exited(0), "\(command): \(result.errors)")
            }
            #expect(Set(try directory.names) == ["hadal.yaml", kept])
            let names = try FileManager.default.contentsOfDirectory(atPath: directory.file(kept))
            #expect(Set(names).isSuperset(of: ["access.db", "audit.db", "usage.db", "certificates"]), "\(names)")
            try FileManager.default.removeItem(atPath: directory.file(kept))
        }
    }

    @Test func aDeviceThatIsNotThereIsToldWithWhatToDo() async throws {
        func logits(_ device: String) async throws -> (status: TerminationStatus, output: String, errors: String) {
            let result = try await Subprocess.run(
                .path(.init(HadalProcess.executable)), arguments: ["logits", "guide", "--tokens", "1"],
                environment: .inherit.updating(["HADAL_DEVICE": device]),
                output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
            return (result.terminationStatus, result.standardOutput, result.standardError)
        }
        let unknown = try await logits("gpu")
        #expect(unknown.status == .exited(1) && unknown.errors.contains("write cpu, cuda"), "\(unknown.errors)")
        // With a driver there is no such card, without one that is said.
        let missing = try await logits("cuda:99")
        #expect(missing.status == .exited(1) && missing.errors.contains("cuda:99: "), "\(missing.errors)")
        #expect(missing.errors.contains("libcuda.so.1") || missing.errors.contains("no card 99"), "\(missing.errors)")
        #expect(try await logits("cpu").status == .exited(0))
    }

    @Test func aConfigurationThatTheServerWouldRefuseStopsCommandsToo() async throws {
        let directory = try TemporaryDirectory()
        let config = try directory.write("date: kept\n".utf8, "hadal.yaml")
        for command in [["users", "list"], ["certs", "list"], ["secrets", "status"]] {
            let result = try await Self.hadal(command + ["--config", config])
            #expect(result.status == .exited(1), "\(command)")
            #expect(result.errors.contains("hadal.yaml:1:1: date"), "\(result.errors)")
        }
    }

    @Test func whatIsDoneToCertificatesAndKeysIsRecordedWithoutSecrets() async throws {
        let directory = try TemporaryDirectory()
        let config = try directory.write(
            "data: kept\nsecrets: {service: passphrase, passphrase_env: TEST_PASSPHRASE}\n".utf8, "hadal.yaml")
        let place = Place(config: config)
        let new = try directory.write("another one that nobody knows".utf8, "new")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: new)
        let commands = [
            "certs init --name ai.example.org", "certs issue client ana --days 30", "certs rotate client ana",
            "certs rotate", "certs rotate --ca --distrust", "secrets init", "secrets rotate --data-keys",
            "secrets rotate --new-passphrase-file \(new)",
        ]
        for command in commands {
            let result = try await Self.hadal(command.split(separator: " ").map(String.init), place)
            #expect(result.status == .exited(0), "\(command): \(result.errors)")
        }
        #expect(try await Self.hadal(["certs", "init"], place).status == .exited(1))
        let shown = try await Self.hadal(["audit", "--json"], place)
        let events = try JSON(parsing: shown.output).array ?? []
        #expect(
            events.reversed().map { "\($0["action"]?.string ?? "") \($0["target"]?.string ?? "")" } == [
                "certificates.init ", "certificate.issue client ana", "certificate.rotate client ana",
                "certificate.rotate server", "certificates.rotateAuthority ", "secrets.init ", "secrets.rotate ",
                "secrets.changePassphrase ", "certificates.init ",
            ])
        #expect(events.allSatisfy { $0["actor"]?.string == "local:\(NSUserName())" })
        #expect(events.first?["outcome"] == "failed")
        #expect(events.dropFirst().allSatisfy { $0["outcome"] == "done" })
        #expect(events.dropFirst(2).first?["details"]?["version"]?.string != nil)
        #expect(!shown.output.contains("nobody"))
    }
}
