import Foundation
import Synchronization

@testable import HadalObjects

/// moto's S3, one for all tests; it ends with this process.
struct MotoServer: Sendable {
    static let shared = Result { try MotoServer() }
    static let bucket = "objects"

    private struct Told: Decodable {
        let address: String
        let id: String
        let secret: String
    }

    let settings: S3Settings

    private init() throws {
        let (_, input, output) = try Python.start("moto_server.py")
        var line = Data()
        while let byte = try output.read(upToCount: 1), byte != Data("\n".utf8), !byte.isEmpty { line += byte }
        let told = try JSONDecoder().decode(Told.self, from: line)
        settings = S3Settings(
            endpoint: told.address, credentials: S3Credentials(keyID: told.id, secretKey: told.secret))
        // The server reads it to its end, which is that of this process.
        Self.held.withLock { $0 = input }
    }

    private static let held = Mutex<FileHandle?>(nil)

    /// An empty place of its own for a test.
    func storage(_ sizes: PartSizes = .small) throws -> S3Storage {
        try S3Storage(
            Self.bucket, prefix: "test/" + UUID().uuidString, settings, RetryPolicy(), sizes)
    }
}

extension PartSizes {
    /// As small as S3 allows.
    static let small = PartSizes(wholeMax: 5 << 20, partMin: 5 << 20)
}
