import Foundation
import HadalSecrets

/// Writes a file from start to end. It appears under its name when it is whole and on the disk; until then what was
/// there before stays.
final class KeptFileWriter {
    private enum Target {
        case plain(FileHandle)
        case encrypted(EncryptedFileWriter)
    }

    private let url: URL
    private let target: Target
    private var isFinished = false
    /// Of the text so far, in bytes.
    private(set) var count = 0

    /// - Parameter keys: nil: in plain.
    init(_ url: URL, keys: DataKeys?, context: String) throws {
        self.url = url
        target =
            if let keys {
                .encrypted(
                    try EncryptedFileWriter(url.path, keys: keys, purpose: .conversations, context: context))
            } else {
                .plain(try StateFile.create(StateFile.aside(url)))
            }
    }

    deinit {
        guard !isFinished, case .plain(let handle) = target else { return }
        try? handle.close()
        try? FileManager.default.removeItem(at: StateFile.aside(url))
    }

    func write(_ bytes: some ContiguousBytes) throws {
        try bytes.withUnsafeBytes { bytes in
            switch target {
            case .plain(let handle): try handle.write(contentsOf: Data(bytes))
            case .encrypted(let writer): try writer.write(bytes)
            }
            count += bytes.count
        }
    }

    func finish() throws {
        switch target {
        case .plain(let handle):
            try handle.synchronize()
            try handle.close()
            try StateFile.move(StateFile.aside(url), to: url)
        case .encrypted(let writer): try writer.finish()
        }
        isFinished = true
    }
}
