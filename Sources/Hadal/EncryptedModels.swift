import HadalCheckpoint
import HadalEngine
import HadalSecrets

extension FileOpener {
    /// Decrypts what is encrypted under these keys.
    init(keys: DataKeys) {
        self.init(
            decryption: { path throws(CheckpointError) in
                let reader = try Self.reader(path, keys)
                return try MappedFile(path: path, byteCount: Int(reader.count)) { buffer throws(CheckpointError) in
                    try Self.telling(path) { () throws(SecretsError) in try reader.read(into: buffer) }
                }
            },
            pieces: { path throws(CheckpointError) in
                let reader = try Self.reader(path, keys)
                return FileContent(byteCount: Int(reader.count)) { body throws(CheckpointError) in
                    try Self.telling(path) { () throws(SecretsError) in try reader.forEachChunk { body($0) } }
                }
            })
    }

    private static func reader(_ path: String, _ keys: DataKeys) throws(CheckpointError) -> EncryptedFileReader {
        try telling(path) { () throws(SecretsError) in try EncryptedFileReader(path, keys: keys) }
    }

    private static func telling<Value>(
        _ path: String, _ body: () throws(SecretsError) -> Value
    ) throws(CheckpointError) -> Value {
        do { return try body() } catch { throw .encrypted(file: path, problem: "\(error)") }
    }
}

extension Secrets.Options {
    /// How the files of models are opened.
    /// - Parameter references: MODEL as a person gives it.
    func opener(for references: String...) async throws -> FileOpener {
        try await keys(for: references).map(FileOpener.init(keys:)) ?? .plain
    }

    /// Asks the key service only where one of the models is encrypted; else nil.
    func keys(for references: [String]) async throws -> DataKeys? {
        for reference in references {
            guard let file = FileOpener.firstEncrypted(of: try ModelFiles.resolve(reference)) else { continue }
            do { return try await openKeys() } catch {
                throw CommandFailure("\(file) is encrypted, and its keys are not there: \(error)")
            }
        }
        return nil
    }
}
