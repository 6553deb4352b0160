import Foundation
import HadalJSON
import NIOHTTP1
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import HadalAccess

/// The real program, told to read its configuration again.
@Suite(.timeLimit(.minutes(15))) struct ReloadTests {
    private static func configuration(_ level: String, _ header: String, _ allowed: String) -> String.UTF8View {
        """
        data: kept
        log: {level: \(level)}
        allowed_hosts: [\(allowed)]
        access:
          trusted_proxies: [127.0.0.0/8]
          proxy_header: \(header)
          addresses: {deny: [192.0.2.0/24]}
        """.utf8
    }

    @Test func theProxysHeaderAndTheLevelOfTheLogChangeWithoutARestart() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(Self.configuration("critical", "x-forwarded-for", "a.example"), "hadal.yaml")
        let key = try AccessAdministration(
            AccessControl(AccessDatabase(data: directory.url.appending(path: "kept")), opensWhenEmpty: false),
            audit: AuditLog(data: directory.url.appending(path: "kept"))
        ).createKey(
            KeyRequest(name: "k", owner: .service(roles: ["administrator"], tenant: nil)),
            by: Requester(.local(name: "root"))
        ).secret
        let log = directory.file("log")
        let descriptor = try FileDescriptor.open(
            FilePath(log), .writeOnly, options: [.create, .append], permissions: .ownerReadWrite)
        let outcome = try await HadalProcess.serve(
            ["--config", file, "--data", directory.file("kept")],
            errors: .fileDescriptor(descriptor, closeAfterSpawningProcess: true)
        ) { hadal in
            func status(_ header: String, _ value: String) async throws -> Int {
                try await GuardedServing.send(hadal.serving, .GET, "/v1/models", key: key, [(header, value)]).status
            }
            /// Reads it again and returns once it counts.
            func reload(_ level: String, _ header: String, _ allowed: String) async throws {
                try directory.write(Self.configuration(level, header, allowed), "hadal.yaml")
                kill(hadal.process, SIGHUP)
                while try await GuardedServing.send(hadal.serving, .GET, "/admin/v1/configuration", key: key).body
                    .contains(allowed) == false
                {}
            }
            #expect(try await status("x-forwarded-for", "192.0.2.7") == 403)
            #expect(try await status("forwarded", "for=192.0.2.7") == 200)
            // Nothing of this level is logged yet, then of the new one, then no more.
            try await reload("critical", "x-forwarded-for", "b.example")
            try await reload("notice", "forwarded", "c.example")
            #expect(try await status("x-forwarded-for", "192.0.2.7") == 200)
            #expect(try await status("forwarded", "for=192.0.2.7") == 403)
            while try !String(contentsOfFile: log, encoding: .utf8).contains("was read again") {}
            try await reload("critical", "forwarded", "d.example")
        }
        #expect(outcome.status == .exited(0))
        let lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
            .filter { $0.contains("was read again") }
        #expect(lines.count == 1, "\(lines)")
        // What it tells to need a restart.
        #expect(lines.first?.contains("log.level") == false)
    }
}
