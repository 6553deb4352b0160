import HadalJSON

@testable import HadalSecrets

/// What a fuzzer does with one input to a parser of files that are kept. Compiled into the tests and (by Fuzz/run.sh) into the
/// fuzzer.
enum SecretsFuzzing {
    /// How an encrypted file begins.
    static func header(_ bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        guard let (header, size) = try? FileHeader.parse(bytes, path: "fuzz") else { return }
        precondition(size <= bytes.count && size <= FileHeader.sizeLimit)
        precondition(header.context.utf8.count <= FileHeader.contextLimit)
        precondition(header.layout == .log || ChunkCipher.sizes.contains(header.chunkSize))
    }

    /// `keys.json`.
    static func keyTable(_ bytes: some Collection<UInt8>) {
        guard let json = try? JSON(parsing: Array(bytes)), let table = try? KeyTable(json, path: "fuzz") else { return }
        precondition(Set(table.entries.map(\.id)).count == table.entries.count)
    }
}
