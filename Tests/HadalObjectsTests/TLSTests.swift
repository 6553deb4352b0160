import Foundation
import NIOSSL
import TestSupport
import Testing

@testable import HadalObjects

@Suite(.timeLimit(.minutes(15)))
struct TLSTests {
    @Test func onlyCertificatesOfTheAuthorityAreTrusted() async throws {
        let folder = try TemporaryDirectory()
        for name in ["own", "other"] {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-days",
                "2", "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:localhost", "-keyout",
                folder.file(name + ".key"), "-out", folder.file(name + ".pem"),
            ]
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            try #require(process.terminationStatus == 0)
        }
        let tls = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(folder.file("own.pem")).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: folder.file("own.key"), format: .pem))))
        let stub = try await S3Stub(tls: tls) { _, _ in S3Stub.text(200, "bytes") }
        let name = try ObjectName("object")
        let storage = try stub.storage(certificateAuthority: folder.file("own.pem"))
        #expect(try await storage.get(name, limit: 5) == Data("bytes".utf8))
        #expect(stub.requests.count == 1)
        for file in [nil, folder.file("other.pem")] {
            let error = await #expect(throws: ObjectError.self) {
                _ = try await stub.storage(certificateAuthority: file).get(name, limit: 5)
            }
            guard case .unreachable = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect("\(error!)".contains("AWS_CA_BUNDLE"), "\(error!)")
        }
        #expect(stub.requests.count == 1)
        // It will not do better in a while.
        #expect(stub.waits.isEmpty)
    }
}
