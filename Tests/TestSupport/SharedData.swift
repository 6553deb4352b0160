import Foundation

/// The reference data that lies beside the checkout (`../shared/data`). Tests that use it must also hold without it.
public enum SharedData {
    /// `nil` where there is none. `HADAL_SHARED_DATA` overrides the place.
    public static let root: URL? = {
        let configured = ProcessInfo.processInfo.environment["HADAL_SHARED_DATA"].map { URL(fileURLWithPath: $0) }
        let beside = repository.deletingLastPathComponent().appendingPathComponent("shared/data")
        let candidate = configured ?? beside
        return FileManager.default.fileExists(atPath: candidate.path) ? candidate : nil
    }()

    /// The root of this checkout.
    public static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The fuzzer's inputs to a parser: seeds, and what crashed it once.
    public static func corpus(_ parser: String) throws -> [Data] {
        let directory = repository.appendingPathComponent("Fuzz/Corpus/\(parser)")
        return try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
            .map { try Data(contentsOf: $0) }
    }

    public static func file(_ path: String) -> URL? {
        guard let url = root?.appendingPathComponent(path), FileManager.default.fileExists(atPath: url.path) else {
            return nil
        }
        return url
    }
}
