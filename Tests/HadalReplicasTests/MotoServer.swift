import Foundation
import HadalObjects
import Synchronization
import TestSupport

/// moto's S3 (HadalObjectsTests/moto_server.py), one for all tests; it ends with this process.
struct MotoServer: Sendable {
    static let shared = Result { try MotoServer() }

    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    private struct Told: Decodable {
        let address: String
        let id: String
        let secret: String
    }

    private let settings: S3Settings
    private static let held = Mutex<FileHandle?>(nil)

    private init() throws {
        let python = SharedData.repository.appending(path: ".venv/bin/python").path
        guard FileManager.default.isExecutableFile(atPath: python) else {
            throw Missing(description: "\(python) is missing: run `make setup` first")
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [SharedData.repository.appending(path: "Tests/HadalObjectsTests/moto_server.py").path]
        let (input, output) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (input, output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), byte != Data("\n".utf8), !byte.isEmpty {
            line += byte
        }
        let told = try JSONDecoder().decode(Told.self, from: line)
        settings = S3Settings(
            endpoint: told.address, credentials: S3Credentials(keyID: told.id, secretKey: told.secret))
        // The server reads it to its end, which is that of this process.
        Self.held.withLock { $0 = input.fileHandleForWriting }
    }

    /// An empty place of its own for a test.
    func storage() throws -> S3Storage { try S3Storage("objects", prefix: "test/" + UUID().uuidString, settings) }
}
