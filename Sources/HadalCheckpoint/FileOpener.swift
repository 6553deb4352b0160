import Foundation

/// How the files of a model are opened: mapped as they are, or where they begin as an encrypted file does, decrypted by
/// a layer that has the keys.
public struct FileOpener: Sendable {
    /// Gives the content of an encrypted file, all of it checked.
    public typealias Decryption = @Sendable (_ path: String) throws(CheckpointError) -> MappedFile
    /// Gives the content of an encrypted file piece by piece, each checked.
    public typealias PieceDecryption = @Sendable (_ path: String) throws(CheckpointError) -> FileContent

    /// Without keys: an encrypted file is an error.
    public static let plain = FileOpener(decryption: nil)

    /// What a file begins with that `hadal secrets encrypt` wrote (`FileHeader` of HadalSecrets).
    private static let encryptedMagic = Array("HADALENC".utf8)

    private let decryption: Decryption?
    private let pieces: PieceDecryption?

    /// - Parameter pieces: nil: what is read in pieces is decrypted as a whole before.
    public init(decryption: Decryption?, pieces: PieceDecryption? = nil) {
        self.decryption = decryption
        self.pieces = pieces
    }

    public func open(_ path: String) throws(CheckpointError) -> MappedFile {
        let file = try MappedFile(path: path)
        guard Self.isEncrypted(file) else { return file }
        guard let decryption else {
            throw .encrypted(
                file: path,
                problem: "\(path) is encrypted, and its keys are not there: name the key service under 'secrets' in "
                    + "the configuration (--config FILE or HADAL_CONFIG; docs/data-at-rest.md)")
        }
        return try decryption(path)
    }

    /// The same for who needs each byte once. The file is opened now: one that takes its name later is another.
    public func content(_ path: String) throws(CheckpointError) -> FileContent {
        let file = try MappedFile(path: path)
        guard Self.isEncrypted(file) else { return FileContent(file) }
        guard let pieces else { return FileContent(try open(path)) }
        return try pieces(path)
    }

    /// Nil where there is no such file.
    public func openIfPresent(_ path: String) throws(CheckpointError) -> MappedFile? {
        FileManager.default.fileExists(atPath: path) ? try open(path) : nil
    }

    /// The first file of a model that keys are needed for; nil where none is encrypted.
    ///
    /// - Parameter path: as for `Checkpoint.open`.
    public static func firstEncrypted(of path: String) -> String? {
        // The weights, what describes them, and folders such as 1_Pooling.
        let names = files(in: path)
        let all = names + names.flatMap { name in files(in: path + "/" + name).map { name + "/" + $0 } }
        return ([path] + all.map { path + "/" + $0 } + GGUFFile.otherParts(of: path)).first(where: isEncrypted)
    }

    /// The name that an encrypted file had: without a last `.enc`.
    public static func plainName(_ name: String) -> String {
        name.hasSuffix(".enc") ? String(name.dropLast(4)) : name
    }

    /// What cannot be read is told by whoever needs it.
    private static func isEncrypted(_ path: String) -> Bool {
        (try? MappedFile(path: path)).map(isEncrypted) ?? false
    }

    private static func isEncrypted(_ file: MappedFile) -> Bool {
        withExtendedLifetime(file) { file.bytes.starts(with: encryptedMagic) }
    }

    /// None where `path` is a file.
    private static func files(in path: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).filter { !$0.hasPrefix(".") }.sorted()
    }
}
