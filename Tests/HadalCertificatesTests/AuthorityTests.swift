import Foundation
import HadalCertificates
import HadalHTTP
import TestSupport
import Testing

@Suite struct AuthorityTests {
    private let temporary: TemporaryDirectory
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    init() throws { temporary = try TemporaryDirectory() }

    @Test func theCommandsMakeAnAuthorityAndAServersCertificateForAtMost90Days() throws {
        let directory = try temporary.certificates(now: now)
        let entries = try directory.entries(now: now)
        #expect(entries.map(\.kind) == [.authority, .server])
        let (authority, server) = (entries[0].facts, entries[1].facts)
        #expect(authority.daysLeft(at: now) >= 3640)
        #expect(server.notAfter.timeIntervalSince(server.notBefore) <= 90 * 86400)
        #expect(server.notBefore < now && server.issuer == authority.commonName)
        #expect(server.names == (try localNames()))
        // As many bytes as RFC 5280 allows, and positive.
        #expect(server.serial.count == 40 && "01234567".contains(server.serial.prefix(1)))
        #expect(server.serial != authority.serial)
        #expect(directory.problems(now: now).isEmpty)
    }

    @Test func keysCanBeReadByTheirOwnerAlone() throws {
        let directory = try temporary.certificates(now: now)
        let client = try directory.issue(
            Leaf(.client, commonName: "ana", names: [SubjectName(user: "ana")]), as: "ana", now: now)
        for key in [directory.path + "/ca.key", directory.serverFiles.key, client.key] {
            #expect(try mode(key) == 0o600, "\(key)")
        }
        #expect(try mode(directory.path) == 0o700)
        #expect(try mode(directory.authorityCertificate) == 0o644)
        let text = try String(contentsOfFile: directory.serverFiles.key, encoding: .utf8)
        #expect(text.hasPrefix("-----BEGIN PRIVATE KEY-----"))
        // Nothing half-written is left.
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: directory.path).allSatisfy { !$0.hasSuffix(".new") })
    }

    @Test func aSecondAuthorityIsNotMadeOverTheFirst() throws {
        let directory = try temporary.certificates(now: now)
        let before = try String(contentsOfFile: directory.authorityCertificate, encoding: .utf8)
        #expect(throws: CertificateError.authorityExists(directory: directory.path)) {
            try directory.initialise(organization: "Other", names: [], now: now)
        }
        #expect(try String(contentsOfFile: directory.authorityCertificate, encoding: .utf8) == before)
    }

    @Test func whatCannotStandInACertificateIsRefused() throws {
        for name in [
            "", "a_b.example", "-a.example", "a..example", "ai.example.org/x", "bücher.example", "*.", "a*b.c",
        ] {
            #expect(throws: CertificateError.self, "\(name)") { try SubjectName(server: name) }
        }
        for name in ["ana", "ana@", "@example.org", "a b@example.org"] {
            #expect(throws: CertificateError.self, "\(name)") { try SubjectName(email: name) }
        }
        #expect(throws: CertificateError.self) { try SubjectName(user: "") }
        let directory = try temporary.certificates(now: now)
        for name in ["../ca", "a/b", ".lock", "", String(repeating: "x", count: 65)] {
            #expect(throws: CertificateError.self, "\(name)") {
                try directory.issue(Leaf(.client, commonName: "x", names: []), as: name, now: now)
            }
        }
        for days in [0, -1, 91, 3650] {
            #expect(throws: CertificateError.badLife(days: days)) {
                try directory.issue(Leaf(.client, commonName: "x", names: [], days: days), as: "x", now: now)
            }
        }
    }

    @Test func namesAreReadAsTheyAreWritten() throws {
        #expect(try SubjectName(server: "AI.Example.org") == .dns("ai.example.org"))
        #expect(try SubjectName(server: "*.example.org") == .dns("*.example.org"))
        #expect(try SubjectName(server: "192.0.2.1") == .ip([192, 0, 2, 1]))
        #expect(try SubjectName(server: "2001:db8::1").description == "2001:db8::1")
    }

    @Test func rotatingTheServersCertificateKeepsItsNames() throws {
        let directory = try temporary.certificates(now: now)
        let old = try directory.entries(now: now)[1].facts
        try directory.rotateOwn(now: now)
        let new = try directory.entries(now: now)[1].facts
        #expect(new.names == old.names && new.serial != old.serial)
        #expect(directory.problems(now: now).isEmpty)
    }

    @Test func aReplacedAuthorityIsTrustedUntilWhatItHasIssuedHasEnded() throws {
        let directory = try temporary.certificates(now: now)
        let first = try directory.entries(now: now)[0].facts
        _ = try directory.issue(Leaf(.client, commonName: "ana", names: []), as: "ana", now: now)
        try directory.rotateAuthority(organization: nil, distrust: false, now: now)
        let entries = try directory.entries(now: now)
        #expect(entries.map(\.kind) == [.authority, .previousAuthority, .server, .client])
        #expect(entries[1].facts == first && entries[0].facts != first)
        #expect(directory.problems(now: now).isEmpty)
        let later = now + 89 * 86400
        #expect(try directory.entries(now: later)[1].facts == first)
        #expect(try directory.entries(now: now + 91 * 86400).filter { $0.kind == .previousAuthority }.isEmpty)
    }

    @Test func anAuthorityWhoseKeyIsInWrongHandsIsTrustedNoMore() throws {
        let directory = try temporary.certificates(now: now)
        try directory.rotateAuthority(organization: nil, distrust: false, now: now)
        _ = try directory.issue(Leaf(.client, commonName: "ana", names: []), as: "ana", now: now)
        try directory.rotateAuthority(organization: nil, distrust: true, now: now)
        #expect(try directory.entries(now: now).map(\.kind) == [.authority, .server, .client])
        #expect(directory.problems(now: now).contains { $0.contains("clients/ana.pem") })
        let bundle = try String(contentsOfFile: directory.bundle, encoding: .utf8)
        #expect(bundle.ranges(of: "BEGIN CERTIFICATE").count == 1)
    }

    @Test(.enabled(if: Tool.areThere)) func openSSLTrustsTheChainBeforeAndAfterTheAuthorityIsReplaced() async throws {
        let directory = try temporary.certificates()
        let old = temporary.file("old.pem")
        try FileManager.default.copyItem(atPath: directory.authorityCertificate, toPath: old)
        let before = try await verify(directory, trusting: old)
        #expect(before.status == 0, "\(before.output)")
        try directory.rotateAuthority(organization: nil, distrust: false, now: Date())
        // Who knows the old authority only, and who knows the new one.
        for authority in [old, directory.authorityCertificate] {
            let result = try await verify(directory, trusting: authority)
            #expect(result.status == 0, "\(result.output)")
        }
        try directory.rotateAuthority(organization: nil, distrust: true, now: Date())
        #expect(try await verify(directory, trusting: old).status != 0)
    }

    private func verify(_ directory: CertificateDirectory, trusting authority: String) async throws -> Tool.Result {
        try await Tool.run(
            Tool.openssl,
            [
                "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "localhost", "-CAfile",
                authority,
                "-untrusted", directory.serverFiles.certificate, directory.serverFiles.certificate,
            ])
    }

    @Test func aCutOffChangeIsPutRightByTheNext() throws {
        let directory = try temporary.certificates(now: now)
        let old = try Data(contentsOf: URL(fileURLWithPath: directory.authorityCertificate))
        try directory.rotateAuthority(organization: nil, distrust: false, now: now)
        // As if the process had ended between two files.
        try old.write(to: URL(fileURLWithPath: directory.authorityCertificate))
        #expect(!directory.problems(now: now).isEmpty)
        try directory.rotateOwn(now: now)
        #expect(directory.problems(now: now).isEmpty)
        #expect(try directory.entries(now: now).map(\.kind) == [.authority, .previousAuthority, .server])
    }

    @Test func aClientsCertificateNamesItsUser() async throws {
        let directory = try temporary.certificates(now: now)
        let files = try directory.issue(
            Leaf(.client, commonName: "王芳", names: [SubjectName(user: "王 芳"), SubjectName(email: "wang@example.org")]),
            as: "wang", now: now)
        let text = try String(contentsOfFile: files.certificate, encoding: .utf8)
        let body = text.split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined()
        let peer = try PeerCertificate(der: Array(try #require(Data(base64Encoded: body))))
        #expect(peer.commonName == "王芳" && peer.emails == ["wang@example.org"])
        // A URI is ASCII (RFC 3986).
        #expect(peer.uris == ["hadal:user:%E7%8E%8B%20%E8%8A%B3"])
        let facts = try #require(try directory.entries(now: now).last).facts
        #expect(facts.names == [try SubjectName(user: "王 芳"), try SubjectName(email: "wang@example.org")])
        #expect(peer.fingerprint == facts.fingerprint && peer.serial == facts.serial && peer.notAfter == facts.notAfter)
    }

    @Test func filesThatOthersMayReadAreTold() throws {
        let directory = try temporary.certificates(now: now)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: directory.serverFiles.key)
        #expect(directory.problems(now: now).contains { $0.contains("chmod 600") })
        #expect(directory.problems(now: now + 91 * 86400).contains { $0.contains("ended on") })
    }
}
