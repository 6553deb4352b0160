import Foundation
import HadalConfiguration
import HadalGateway
import HadalSecrets
import Testing

/// A data directory with keys behind a passphrase, as `hadal secrets init` makes them.
struct EncryptedData: Sendable {
    let url: URL
    /// Beside the data directory.
    let passphrase: URL

    static func run(_ body: (EncryptedData) async throws -> Void) async throws {
        try await BatchTests.withDirectory { directory in
            let data = EncryptedData(
                url: directory.appendingPathComponent("data"), passphrase: directory.appendingPathComponent("word"))
            try FileManager.default.createDirectory(at: data.url, withIntermediateDirectories: true)
            try data.write(passphrase: "nobody would think of this one")
            // Cheap: it is not what these tests are about.
            let service = try PassphraseKeyService.create(
                path: KeyServiceSettings.masterKeyFile(in: data.url.path),
                passphrase: try SecretPlace.file(data.passphrase.path).read(), cost: ScryptCost(n: 1 << 12, r: 8, p: 1))
            _ = try await DataKeys.create(in: data.url.path, service: service)
            try await body(data)
        }
    }

    func write(passphrase text: String) throws {
        try Data(text.utf8).write(to: passphrase)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: passphrase.path)
    }

    /// As a server opens it when it starts.
    func open(_ purposes: [SecretsSettings.Purpose] = [.conversations, .audit]) async throws -> EncryptionAtRest {
        var settings = SecretsSettings()
        settings.service = .passphrase
        settings.passphrase = SecretSource(file: passphrase.path)
        settings.encrypt = purposes
        return try #require(try await EncryptionAtRest.open(settings, data: url))
    }

    /// The same as a file for the program.
    func configuration(_ purposes: String = "[conversations, audit]") throws -> String {
        let file = passphrase.deletingLastPathComponent().appendingPathComponent("hadal.yaml")
        let text = """
            data: \(url.path)
            secrets:
              service: passphrase
              passphrase_file: \(passphrase.path)
              encrypt: \(purposes)

            """
        try Data(text.utf8).write(to: file)
        return file.path
    }

    /// All files below the data directory.
    var files: [URL] {
        get throws {
            try FileManager.default.subpathsOfDirectory(atPath: url.path).map { url.appendingPathComponent($0) }
                .filter { try $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true }
        }
    }

    /// The names of those that hold a text as it is.
    func files(with text: String) throws -> [String] {
        try files.filter { try Data(contentsOf: $0).range(of: Data(text.utf8)) != nil }.map(\.path)
    }

    func file(_ path: String) -> URL { url.appendingPathComponent(path) }

    func isEncrypted(_ path: String) throws -> Bool { try EncryptedFile.isEncrypted(file(path).path) }
}
