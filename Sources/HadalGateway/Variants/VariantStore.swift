import Foundation
import HadalJSON
import HadalWire
import Logging
import Synchronization

/// Variants of the served models, each in a file of its own below `variants`. Changes come one after the other; what is
/// there can be read at any time.
actor VariantStore {
    static let countMax = 1000

    /// nil: they end with the process.
    private let directory: URL?
    private let files: KeptFiles
    private let kept = Mutex<[String: ModelVariant]>([:])
    /// Variants that lie in plain.
    nonisolated let plainCount: Int

    /// - Parameter data: nil: nothing is written.
    init(_ data: URL?, _ files: KeptFiles, logger: Logger) throws {
        self.files = files
        directory = data?.appendingPathComponent("variants")
        guard let directory else {
            plainCount = 0
            return
        }
        var plainCount = 0
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path)
        where name.hasSuffix(".json") {
            let url = directory.appendingPathComponent(name)
            do {
                let (text, isEncrypted) = try files.read(
                    url, as: Self.role(name), limit: 2 * ModelDefaults.bytesLimit)
                let variant = try ModelVariant(try JSON(parsing: text))
                guard Self.fileName(variant.name.text) == name else {
                    throw WireError.outOfRange(field: "model", expected: "the name of the file")
                }
                if !isEncrypted { plainCount += 1 }
                kept.withLock { $0[variant.name.text] = variant }
            } catch let error as GatewayError {
                throw error
            } catch {
                logger.error(
                    "a variant of a model cannot be read and is left out",
                    metadata: ["file": "\(url.path)", "error": "\(error)"])
            }
        }
        self.plainCount = plainCount
    }

    private static func role(_ name: String) -> String { "variants/" + name }

    /// A name has no bytes that mean anything in paths but its slashes.
    private static func fileName(_ name: String) -> String { name.replacing("/", with: "%2F") + ".json" }

    private func file(_ name: String) -> URL? { directory?.appendingPathComponent(VariantStore.fileName(name)) }

    /// In the order of their names.
    nonisolated var all: [ModelVariant] {
        kept.withLock { Array($0.values) }.sorted { $0.name.text < $1.name.text }
    }

    nonisolated func variant(named name: String) -> ModelVariant? {
        kept.withLock { $0[ModelName.plain(name)] }
    }

    /// Takes the place of one with the same name.
    func keep(_ variant: ModelVariant) throws {
        let name = variant.name.text
        let (isThere, count) = kept.withLock { ($0[name] != nil, $0.count) }
        guard isThere || count < Self.countMax else { throw GatewayError.tooManyVariants(limit: Self.countMax) }
        if let file = file(name) {
            try files.write(variant.json.text, to: file, as: Self.role(file.lastPathComponent))
        }
        kept.withLock { $0[name] = variant }
    }

    /// - Returns: false where there is none.
    func delete(_ name: String) throws -> Bool {
        guard let name = variant(named: name)?.name.text else { return false }
        if let file = file(name), FileManager.default.fileExists(atPath: file.path) {
            try FileManager.default.removeItem(at: file)
        }
        kept.withLock { $0[name] = nil }
        return true
    }
}
