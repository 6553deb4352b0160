import Foundation
import HadalJSON

/// The JSON files beside a model's weights.
enum JSONFile {
    static let bytesMax = 16 << 20

    static func read(
        _ path: String, _ opener: FileOpener, limit: Int = bytesMax
    ) throws(CheckpointError) -> JSON {
        let file = try opener.open(path)
        guard file.bytes.count <= limit else {
            throw .limit(
                file: path, item: "size", offset: 0, value: UInt64(file.bytes.count), limit: UInt64(limit))
        }
        do throws(JSONError) { return try JSON(parsing: file.bytes) } catch {
            throw .invalid(file: path, item: "text", offset: error.offset, problem: "invalid JSON: \(error.problem)")
        }
    }

    static func readIfPresent(_ path: String, _ opener: FileOpener) throws(CheckpointError) -> JSON? {
        FileManager.default.fileExists(atPath: path) ? try read(path, opener) : nil
    }
}
