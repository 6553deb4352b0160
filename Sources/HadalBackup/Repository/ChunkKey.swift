import Crypto
import Foundation

/// Names chunks.
struct ChunkKey: Sendable {
    private let key: SymmetricKey
    init(_ key: RepositoryKey) { self.key = key.derive("chunk names") }
    func name(_ chunk: Data) -> ChunkName { ChunkName(of: chunk, key: key) }
}
