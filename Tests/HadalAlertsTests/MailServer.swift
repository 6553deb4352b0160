import Foundation
import HadalJSON
import TestSupport

/// aiosmtpd, from the environment that `make setup` makes.
final class MailServer: Sendable {
    struct Missing: Error, CustomStringConvertible {
        let description = "\(interpreter) is missing, or has no aiosmtpd: run `make setup` first"
    }

    private static let interpreter = SharedData.repository.appending(path: ".venv/bin/python").path

    let port: Int
    private let process: Process
    private let input: FileHandle
    private let output: FileHandle

    static func start(_ options: JSON = [:]) async throws -> MailServer {
        try await offPool { try MailServer(options) }
    }

    private init(_ options: JSON) throws {
        guard FileManager.default.isExecutableFile(atPath: Self.interpreter) else { throw Missing() }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.interpreter)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "mail_server.py").path
        process.arguments = [script, String(decoding: options.bytes, as: UTF8.self)]
        let (inward, outward) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (inward, outward)
        try process.run()
        (self.process, input, output) = (process, inward.fileHandleForWriting, outward.fileHandleForReading)
        guard let port = Int(try Self.line(outward.fileHandleForReading)) else { throw Missing() }
        self.port = port
    }

    /// The next message that it took.
    func message() async throws -> JSON {
        let output = output
        return try JSON(parsing: try await offPool { try Self.line(output) })
    }

    private static func line(_ handle: FileHandle) throws -> String {
        var line = Data()
        while let byte = try handle.read(upToCount: 1), byte != Data("\n".utf8), !byte.isEmpty { line += byte }
        return String(decoding: line, as: UTF8.self)
    }

    deinit {
        try? input.close()
        process.waitUntilExit()
    }
}

/// Certificates for `localhost` and 127.0.0.1, one that is signed by itself and another one.
struct MailCertificates {
    let folder: TemporaryDirectory

    init() async throws {
        folder = try TemporaryDirectory()
        for name in ["own", "other"] {
            _ = try await Shell.output([
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-days",
                "2", "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
                folder.file(name + ".key"), "-out", folder.file(name + ".pem"),
            ])
        }
    }

    func options(_ security: String, _ more: [(String, JSON)] = []) -> JSON {
        .object(
            .init(
                [
                    ("security", .string(security)), ("certificate", .string(folder.file("own.pem"))),
                    ("key", .string(folder.file("own.key"))),
                ] + more))
    }
}
