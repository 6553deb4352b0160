import Foundation
import HadalCertificates
import HadalHTTP
import NIOSSL
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(15))) struct ClientCertificateTests {
    private let temporary: TemporaryDirectory
    private let directory: CertificateDirectory

    init() throws {
        temporary = try TemporaryDirectory()
        directory = try temporary.certificates()
    }

    private func serve(
        _ clients: ServerTLS.ClientCertificates, _ body: @Sendable (SecureServer) async throws -> Void
    ) async throws {
        let keeper = try CertificateKeeper(
            ServerTLS(.automatic(directory, names: []), clients: clients), logger: LogLines().logger)
        try await SecureServer.run(tls: { keeper.context }, body)
    }

    /// - Returns: whom the server takes the client for; nil where it does not answer.
    private func ask(_ server: SecureServer, as files: CertificateFiles?) async throws -> String? {
        try await TLSClient.ask(server, directory, as: files)
    }

    private func issue(
        _ name: String, _ purpose: Leaf.Purpose = .client, by directory: CertificateDirectory? = nil, days: Int = 90,
        now: Date = Date()
    ) throws -> CertificateFiles {
        try (directory ?? self.directory).issue(
            Leaf(purpose, commonName: name, names: [SubjectName(user: name)], days: days), as: name, now: now)
    }

    @Test func whoHasOneIsKnownByItAndWhoHasNoneIsServedWhereItIsOptional() async throws {
        let ana = try issue("ana")
        try await serve(.optional(.own(directory))) { server in
            let (known, unknown) = (try await ask(server, as: ana), try await ask(server, as: nil))
            #expect(known?.contains("from 127.0.0.1 user ana ") == true && unknown?.contains("user - ") == true)
        }
    }

    @Test func whoHasNoneIsNotServedWhereItIsRequired() async throws {
        let ana = try issue("ana")
        try await serve(.required(.own(directory))) { server in
            let (known, unknown) = (try await ask(server, as: ana), try await ask(server, as: nil))
            #expect(known?.contains("user ana ") == true && unknown == nil)
        }
    }

    @Test func nobodyIsAskedWhereTheyAreOff() async throws {
        let ana = try issue("ana")
        try await serve(.off) { server in
            let answer = try await ask(server, as: ana)
            #expect(answer?.contains("user - ") == true)
        }
    }

    enum Forgery: CaseIterable { case expired, ofAnotherAuthority, ofAServer, ofTheFuture }

    @Test(arguments: [true, false], Forgery.allCases)
    func whatDoesNotCountEndsTheConnection(isRequired: Bool, forgery: Forgery) async throws {
        let files: CertificateFiles
        switch forgery {
        case .expired: files = try issue("ana", days: 5, now: Date() - 10 * 86400)
        case .ofAnotherAuthority: files = try issue("ana", by: try temporary.certificates("other"))
        case .ofAServer: files = try issue("ana", .server)
        case .ofTheFuture: files = try issue("ana", now: Date() + 86400)
        }
        try await serve(isRequired ? .required(.own(directory)) : .optional(.own(directory))) { server in
            let answer = try await ask(server, as: files)
            #expect(answer == nil)
        }
    }

    @Test func anAuthorityOfOnesOwnChoiceIsTrustedFromAFile() async throws {
        let other = try temporary.certificates("other")
        let (theirs, ours) = (try issue("ana", by: other), try issue("eve"))
        try await serve(.required(.file(other.authorityCertificate))) { server in
            let (their, our) = (try await ask(server, as: theirs), try await ask(server, as: ours))
            #expect(their?.contains("user ana ") == true && our == nil)
        }
    }

    @Test func aReplacedAuthoritysCertificatesCountUntilItIsDistrusted() async throws {
        let ana = try issue("ana")
        let keeper = try CertificateKeeper(
            ServerTLS(.automatic(directory, names: []), clients: .required(.own(directory))),
            logger: LogLines().logger)
        try await SecureServer.run(tls: { keeper.context }) { server in
            for (distrust, isServed) in [(false, true), (true, false)] {
                try directory.rotateAuthority(organization: nil, distrust: distrust, now: Date())
                // The second look takes what the first has seen.
                keeper.check()
                keeper.check()
                #expect((try await ask(server, as: ana) != nil) == isServed)
                let bea = try issue("bea")
                #expect(try await ask(server, as: bea)?.contains("user bea ") == true)
            }
        }
    }

    @Test(.enabled(if: Tool.areThere)) func curlShowsItsCertificateOverHTTP2() async throws {
        let ana = try issue("ana")
        try await serve(.required(.own(directory))) { server in
            let result = try await Tool.run(
                Tool.curl,
                [
                    "-sS", "--http2", "--cacert", directory.authorityCertificate, "--cert", ana.certificate, "--key",
                    ana.key, "https://localhost:\(server.port)/",
                ])
            #expect(result.output.hasPrefix("from 127.0.0.1 user ana "), "\(result.output)")
        }
    }
}

enum TLSClient {
    static func configuration(
        trusting directory: CertificateDirectory, as files: CertificateFiles? = nil, alpn: [String] = []
    ) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .file(directory.bundle)
        configuration.applicationProtocols = alpn
        if let files {
            configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(files.certificate).map {
                .certificate($0)
            }
            configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem))
        }
        return configuration
    }

    static func ask(
        _ server: SecureServer, _ directory: CertificateDirectory, as files: CertificateFiles?
    ) async throws -> String? {
        let configuration = try configuration(trusting: directory, as: files)
        return try? await RawClient.run(port: server.port, tls: configuration) { client in try await client.askWho() }
    }
}
