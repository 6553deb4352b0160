import Foundation
import HadalStore

/// What a bundle has, and which of its parts are here.
public struct BundleInspection: Sendable {
    public enum PartState: Sendable, Hashable {
        case missing
        /// Of the right bundle and length; its bytes were not read.
        case present
        case intact
        case damaged(problem: String)
    }

    public struct Part: Sendable, Hashable {
        /// Of the file.
        public let name: String
        /// bytes
        public let size: Int64
        public let state: PartState
    }

    public let index: BundleIndex
    /// Whose signature was checked; nil: nobody's.
    public let signer: PublicKey?
    public let parts: [Part]

    /// - Parameters:
    ///   - path: of the index.
    ///   - directories: where parts are looked for after the index's own.
    ///   - verifies: reads the parts.
    ///   - progress: is given bytes of the parts that are here.
    public init(
        _ path: String, parts directories: [String] = [], verifies: Bool = false,
        progress: (_ done: Int64, _ total: Int64) throws -> Void = { _, _ in }
    ) throws {
        let sealed = try SealedIndex.read(path) { _ in }
        (index, signer) = (sealed.index, sealed.signer)
        let name = BundleIndex.name(ofFile: path)
        let folder = (path as NSString).deletingLastPathComponent
        let places = [folder.isEmpty ? "." : folder] + directories
        let index = index
        let files = try index.parts.indices.map { try PartFile($0 + 1, of: index, name: name, in: places) }
        let total = files.compactMap { $0?.size }.reduce(0, +)
        var done: Int64 = 0
        parts = try files.enumerated().map { number, file in
            var state = PartState.missing
            if let file {
                do {
                    if verifies {
                        try file.check { count in
                            done += count
                            try progress(done, total)
                        }
                    } else {
                        try file.checkHead()
                    }
                    state = verifies ? .intact : .present
                } catch let error as BundleError { state = .damaged(problem: "\(error)") }
            }
            return Part(name: BundleIndex.partName(name, number + 1), size: index.parts[number].size, state: state)
        }
    }
}
