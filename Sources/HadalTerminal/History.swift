import Foundation

/// What was typed before, in a file with one JSON string a line that only its owner can read.
public struct History: Sendable {
    public private(set) var entries: [String] = []
    private let file: URL?
    private let limit: Int

    /// - Parameter file: nil keeps the history in memory alone.
    public init(file: URL?, limit: Int = 1000) {
        self.file = file
        self.limit = limit
        guard let file, let text = try? String(contentsOf: file, encoding: .utf8) else { return }
        entries = text.split(separator: "\n").suffix(limit).compactMap { line in
            try? JSONDecoder().decode(String.self, from: Data(line.utf8))
        }
    }

    /// A history that cannot be saved is no reason to stop a conversation.
    public mutating func add(_ entry: String) {
        guard !entry.isEmpty, entries.last != entry else { return }
        entries.append(entry)
        if entries.count > limit { entries.removeFirst(entries.count - limit) }
        guard let file else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        let lines = entries.compactMap { try? encoder.encode($0) }.map { String(decoding: $0, as: UTF8.self) }
        let folder = file.deletingLastPathComponent()
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let temporary = folder.appendingPathComponent(".\(file.lastPathComponent).\(getpid())")
        let created = FileManager.default.createFile(
            atPath: temporary.path, contents: Data((lines.joined(separator: "\n") + "\n").utf8),
            attributes: [.posixPermissions: 0o600])
        if created { rename(temporary.path, file.path) }
    }
}
