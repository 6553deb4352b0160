import Foundation
import HadalCheckpoint

/// Stands for real encryption in tests of modules that know none: the mark of an encrypted file, then every bit turned.
public enum TurnedBits {
    private static let mark = Array("HADALENC".utf8)

    public static func encrypted(_ bytes: some Sequence<UInt8>) -> [UInt8] { mark + bytes.map { ~$0 } }

    public static let opener = FileOpener { path throws(CheckpointError) in
        let file = try MappedFile(path: path)
        return try MappedFile(path: path, byteCount: file.bytes.count - mark.count) { memory in
            for index in memory.indices { memory[index] = ~file.bytes[mark.count + index] }
        }
    }

    /// A copy of a directory, with folders in it, of which every file is encrypted.
    public static func copy(_ source: URL, to target: URL) throws {
        let files = FileManager.default
        for name in try files.subpathsOfDirectory(atPath: source.path) {
            let (from, to) = (source.appendingPathComponent(name), target.appendingPathComponent(name))
            try files.createDirectory(at: to.deletingLastPathComponent(), withIntermediateDirectories: true)
            guard try from.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { continue }
            try Data(encrypted(try Data(contentsOf: from))).write(to: to)
        }
    }
}
