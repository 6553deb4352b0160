import Crypto
import Foundation
import TestSupport

@testable import HadalSecrets

enum Fixtures {
    static let passphrase = Secret("correct horse battery staple")
    /// As cheap as scrypt gets: these tests are not about its cost.
    static let cheap = ScryptCost(n: 16, r: 1, p: 1)

    /// A data directory with keys behind a passphrase.
    static func keys(in directory: TemporaryDirectory) async throws -> (DataKeys, PassphraseKeyService) {
        let service = try PassphraseKeyService.create(
            path: directory.file("master.key"), passphrase: passphrase, cost: cheap)
        return (try await DataKeys.create(in: directory.path, service: service), service)
    }

    static func bytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        var random = SplitMix(state: seed)
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    static func read(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }

    static func write(_ bytes: [UInt8], _ path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    /// The file with the bit changed.
    static func flip(bit: Int, in path: String) throws {
        var bytes = try read(path)
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        try write(bytes, path)
    }

    /// What `body` throws, which must be one of ours.
    static func failure(_ body: () throws -> Void) -> SecretsError? {
        do {
            try body()
            return nil
        } catch {
            return error as? SecretsError
        }
    }

    static func failure(_ body: () async throws -> Void) async -> SecretsError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? SecretsError
        }
    }
}
