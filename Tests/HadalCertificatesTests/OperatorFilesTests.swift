import Foundation
import HadalCertificates
import TestSupport
import Testing

/// Pairs that an operator provides: which are taken, and which are refused.
@Suite struct OperatorFilesTests {
    private let temporary: TemporaryDirectory
    private let clock = TestClock()
    private let lines = LogLines()

    init() throws { temporary = try TemporaryDirectory() }

    private func keeper(_ settings: ServerTLS) throws -> CertificateKeeper {
        try CertificateKeeper(settings, logger: lines.logger, now: { [clock] in clock.now })
    }

    private func look(_ keeper: CertificateKeeper, times: Int = 2) { for _ in 0..<times { keeper.check() } }

    enum Breakage: CaseIterable {
        case emptyKey, noKey, noCertificate, cutCertificate, otherKey, encryptedKey, ended, forClients, wrongOrder,
            nonsense
    }

    @Test(arguments: Breakage.allCases) func aBrokenNewPairIsRefusedAndTheOldGoesOn(breakage: Breakage) throws {
        let (directory, files) = try OperatorFiles.make(temporary, clock)
        let keeper = try keeper(ServerTLS(.files(files)))
        let first = keeper.status.certificate
        try directory.rotateOwn(now: clock.now)
        try OperatorFiles.copy(directory, to: files)
        let expected = try damage(files, directory, breakage)
        look(keeper, times: 5)
        #expect(keeper.status.certificate == first && keeper.status.generation == 1)
        let problem = try #require(keeper.status.problem)
        #expect(problem.contains(expected), "\(problem)")
        // Told once, with the file's name, and without what a key holds.
        #expect(lines.count("error") == 1 && problem.contains(temporary.path))
        #expect(!problem.contains("PRIVATE KEY-----\n"))
        // Once it is put right, it is used.
        try OperatorFiles.copy(directory, to: files)
        look(keeper)
        #expect(keeper.status.generation == 2 && keeper.status.problem == nil)
    }

    /// - Returns: what must be told.
    private func damage(
        _ files: CertificateFiles, _ directory: CertificateDirectory, _ breakage: Breakage
    ) throws -> String {
        func write(_ text: String, _ path: String) throws {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        }
        func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
        switch breakage {
        case .emptyKey:
            try write("", files.key)
            return "it is empty"
        case .noKey:
            try FileManager.default.removeItem(atPath: files.key)
            return "No such file"
        case .noCertificate:
            try write(try text(files.key), files.certificate)
            return "holds no certificate"
        case .cutCertificate:
            try write(String(try text(files.certificate).dropLast(100)), files.certificate)
            return "holds no certificate"
        case .otherKey:
            let other = try directory.issue(Leaf(.server, commonName: "x", names: []), as: "x", now: clock.now)
            try OperatorFiles.copy(other.key, to: files.key)
            return "does not belong to the certificate"
        case .encryptedKey:
            try write(try text(files.key).replacing("PRIVATE KEY", with: "ENCRYPTED PRIVATE KEY"), files.key)
            return "is encrypted"
        case .ended:
            let old = try directory.issue(
                Leaf(.server, commonName: "x", names: [], days: 1), as: "x", now: clock.now - 3 * 86400)
            try OperatorFiles.copy(old.certificate, to: files.certificate)
            try OperatorFiles.copy(old.key, to: files.key)
            return "ended on"
        case .forClients:
            let client = try directory.issue(Leaf(.client, commonName: "x", names: []), as: "x", now: clock.now)
            try OperatorFiles.copy(client.certificate, to: files.certificate)
            try OperatorFiles.copy(client.key, to: files.key)
            return "not for servers"
        case .wrongOrder:
            let other = try temporary.certificates("other", now: clock.now)
            try write(try text(files.certificate) + text(other.authorityCertificate), files.certificate)
            return "certificate 2"
        case .nonsense:
            try write("\u{0}\u{1}-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", files.key)
            return "no private key that can be used"
        }
    }

    @Test func aServerDoesNotBeginWithABrokenPair() throws {
        let (directory, files) = try OperatorFiles.make(temporary, clock)
        for breakage in Breakage.allCases {
            try OperatorFiles.copy(directory, to: files)
            _ = try damage(files, directory, breakage)
            #expect(throws: CertificateError.self, "\(breakage)") { try keeper(ServerTLS(.files(files))) }
        }
    }

    @Test(.enabled(if: Tool.areThere), arguments: ["rsa", "P-256", "P-384", "ed25519", "traditional"])
    func keysOfOtherKindsAreTaken(kind: String) async throws {
        let files = CertificateFiles(certificate: temporary.file("tls.pem"), key: temporary.file("tls.key"))
        let making =
            switch kind {
            case "rsa": ["genrsa", "-out", files.key, "2048"]
            case "ed25519": ["genpkey", "-algorithm", "ed25519", "-out", files.key]
            // With its parameters before it, as OpenSSL did for long.
            case "traditional": ["ecparam", "-genkey", "-name", "prime256v1", "-out", files.key]
            default: ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:\(kind)", "-out", files.key]
            }
        let signing = ["req", "-x509", "-days", "30", "-subj", "/CN=x", "-key", files.key, "-out", files.certificate]
        for arguments in [making, signing] {
            let result = try await Tool.run(Tool.openssl, arguments)
            try #require(result.status == 0, "\(result.output)")
        }
        // OpenSSL's clock is the real one.
        #expect(try CertificateKeeper(ServerTLS(.files(files)), logger: lines.logger).status.generation == 1)
    }
}

/// An operator's pair in files of its own, as it came from some authority.
enum OperatorFiles {
    static func make(
        _ temporary: TemporaryDirectory, _ clock: TestClock
    ) throws -> (directory: CertificateDirectory, files: CertificateFiles) {
        let directory = try temporary.certificates("elsewhere", now: clock.now)
        let files = CertificateFiles(certificate: temporary.file("tls.pem"), key: temporary.file("tls.key"))
        try copy(directory, to: files)
        return (directory, files)
    }

    static func copy(_ directory: CertificateDirectory, to files: CertificateFiles) throws {
        try copy(directory.serverFiles.certificate, to: files.certificate)
        try copy(directory.serverFiles.key, to: files.key)
    }

    static func copy(_ source: String, to target: String) throws {
        try Data(contentsOf: URL(fileURLWithPath: source)).write(to: URL(fileURLWithPath: target))
    }
}
