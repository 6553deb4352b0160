import Foundation
import HadalCertificates
import HadalHTTP
import NIOSSL
import TestSupport
import Testing

/// What gateways and workers on different machines know each other by.
@Suite struct GatewayCertificateTests {
    private let temporary: TemporaryDirectory
    private let directory: CertificateDirectory
    private let clock = TestClock()
    private let lines = LogLines()

    init() throws {
        temporary = try TemporaryDirectory()
        directory = try temporary.certificates(now: clock.now)
    }

    private func gateway(_ certificates: WorkerCertificates) throws -> CertificateKeeper {
        try CertificateKeeper(try certificates.client(), logger: lines.logger, now: { [clock] in clock.now })
    }

    private func peer(_ file: String) throws -> PeerCertificate {
        let certificate = try #require(try NIOSSLCertificate.fromPEMFile(file).first)
        return try PeerCertificate(der: try certificate.toDERBytes())
    }

    @Test func aGatewaysCertificateSaysWhatItIsAndAUsersDoesNot() throws {
        let gateway = try directory.issue(
            Leaf(.gateway, commonName: "paris", names: [.gateway]), as: "paris", now: clock.now)
        let user = try directory.issue(
            Leaf(.client, commonName: "gateway", names: [SubjectName(user: "gateway")]), as: "gateway", now: clock.now)
        #expect(try peer(gateway.certificate).isHadalGateway && peer(gateway.certificate).uris == ["hadal:gateway"])
        #expect(try !peer(user.certificate).isHadalGateway && !peer(directory.serverFiles.certificate).isHadalGateway)
        #expect(gateway.certificate.hasSuffix("/gateways/paris.pem"))
        #expect(try mode(gateway.key) == 0o600)
        let again = try directory.rotate(.gateway, "paris", now: clock.now)
        #expect(try peer(again.certificate).isHadalGateway)
        #expect(try directory.entries(now: clock.now).map(\.kind) == [.authority, .server, .client, .gateway])
        #expect(directory.problems(now: clock.now).isEmpty)
    }

    @Test func aGatewayBesideTheAuthorityMakesItsOwnAndRenewsIt() throws {
        let keeper = try gateway(.directory(directory))
        let first = keeper.status
        #expect(first.certificate.names == [.gateway])
        #expect(try peer(directory.gatewayFiles.certificate).serial == first.certificate.serial)
        clock.advance(days: 61)
        keeper.check()
        #expect(keeper.status.certificate.serial != first.certificate.serial)
        #expect(keeper.status.certificate.names == [.gateway])
        // The one shown is the new one, and the server's was left alone.
        let shown = try #require(keeper.giveConfiguration().certificateChain.first)
        guard case .certificate(let certificate) = shown else { return }
        #expect(try PeerCertificate(der: certificate.toDERBytes()).serial == keeper.status.certificate.serial)
        #expect(try directory.entries(now: clock.now)[1].facts.daysLeft(at: clock.now) < 30)
        // 'hadal certs rotate' renews both.
        try directory.rotateOwn(now: clock.now)
        keeper.check()
        keeper.check()
        #expect(keeper.status.generation == 3)
        #expect(try directory.entries(now: clock.now)[1].facts.daysLeft(at: clock.now) >= 89)
    }

    /// As on a machine without the authority's key.
    @Test func whatWasCopiedIsTakenAndTakenAgainWhenItIsReplaced() throws {
        let copied = CertificateDirectory(temporary.file("copied"))
        try FileManager.default.createDirectory(atPath: copied.path, withIntermediateDirectories: true)
        let missing = #expect(throws: CertificateError.self) { try gateway(.directory(copied)) }
        #expect(missing?.description.contains(copied.gatewayFiles.certificate) == true)
        func bring() throws {
            let issued = try directory.issue(
                Leaf(.gateway, commonName: "paris", names: [.gateway]), as: "paris", now: clock.now)
            try OperatorFiles.copy(issued.certificate, to: copied.gatewayFiles.certificate)
            try OperatorFiles.copy(issued.key, to: copied.gatewayFiles.key)
        }
        try bring()
        let withoutAuthority = #expect(throws: CertificateError.self) { try gateway(.directory(copied)) }
        #expect(withoutAuthority?.description.contains(copied.authorityCertificate) == true)
        try OperatorFiles.copy(directory.authorityCertificate, to: copied.authorityCertificate)
        let keeper = try gateway(.directory(copied))
        let first = keeper.status.certificate
        try bring()
        keeper.check()
        keeper.check()
        #expect(keeper.status.certificate != first && keeper.status.renewal == nil)
    }

    @Test func aGatewayDoesNotBeginWithWhatIsNone() throws {
        let user = try directory.issue(
            Leaf(.client, commonName: "ana", names: [SubjectName(user: "ana")]), as: "ana", now: clock.now)
        let server = try directory.issue(
            Leaf(.server, commonName: "x", names: [.gateway]), as: "x", now: clock.now)
        let ended = try directory.issue(
            Leaf(.gateway, commonName: "old", names: [.gateway], days: 1), as: "old", now: clock.now - 3 * 86400)
        for (files, problem) in [(user, "hadal:gateway"), (server, "hadal:gateway"), (ended, "ended on")] {
            let error = #expect(throws: CertificateError.self) {
                try gateway(.files(files, authorities: directory.authorityCertificate))
            }
            #expect(error?.description.contains(problem) == true, "\(files.certificate)")
        }
    }

    @Test func aWorkerBesideTheAuthorityIsForTheAddressItListensOn() throws {
        let keeper = try CertificateKeeper(
            try WorkerCertificates.directory(directory).server(host: "192.0.2.7"), logger: lines.logger)
        #expect(try keeper.status.certificate.names.contains(SubjectName(server: "192.0.2.7")))
        let any = try WorkerCertificates.directory(directory).server(host: "0.0.0.0")
        #expect(any.source == .automatic(directory, names: []))
    }

    @Test(.enabled(if: Tool.areThere)) func whoKnowsTheOldAuthorityOnlyTrustsTheGatewayAfterItIsReplaced() async throws
    {
        _ = try gateway(.directory(directory))
        let old = temporary.file("old.pem")
        try FileManager.default.copyItem(atPath: directory.authorityCertificate, toPath: old)
        try directory.rotateAuthority(organization: nil, distrust: false, now: Date())
        for authority in [old, directory.authorityCertificate] {
            let files = directory.gatewayFiles
            let result = try await Tool.run(
                Tool.openssl,
                [
                    "verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", authority, "-untrusted",
                    files.certificate, files.certificate,
                ])
            #expect(result.status == 0, "\(result.output)")
        }
    }
}
