import Foundation
import HadalKernels

/// Keys and values in main memory: rows `[layer][block][key head][position in block]`. The pages come into being when they
/// are first written.
package final class CPUCache: KVCache, @unchecked Sendable {
    package let shape: KVCacheShape
    package let keys: UnsafeMutableRawPointer
    package let values: UnsafeMutableRawPointer?
    private let keyBytes: Int
    private let valueBytes: Int

    package init(_ shape: KVCacheShape) throws(ComputeError) {
        self.shape = shape
        let positions = shape.layers * shape.blocks * shape.keyValueHeads * KVCacheShape.blockSize
        keyBytes = positions * shape.format.rowBytes(shape.keyWidth)
        valueBytes = positions * shape.format.rowBytes(shape.valueWidth)
        guard let keys = CPUCache.map(keyBytes) else { throw .outOfMemory(bytes: keyBytes, what: "the key cache") }
        self.keys = keys
        guard valueBytes > 0 else {
            values = nil
            return
        }
        guard let values = CPUCache.map(valueBytes) else {
            munmap(keys, keyBytes)
            throw .outOfMemory(bytes: valueBytes, what: "the value cache")
        }
        self.values = values
    }

    deinit {
        munmap(keys, keyBytes)
        if let values { munmap(values, valueBytes) }
    }

    private static func map(_ bytes: Int) -> UnsafeMutableRawPointer? {
        let address = mmap(
            nil, max(bytes, 1), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        return address == MAP_FAILED ? nil : address
    }

    var format: hadal_cache_format {
        switch shape.format {
        case .f32: HADAL_CACHE_F32
        case .f16: HADAL_CACHE_F16
        case .int8: HADAL_CACHE_I8
        }
    }

    /// Where a layer begins, in bytes.
    func layerOffset(_ layer: Int, width: Int) -> Int {
        layer * shape.blocks * shape.keyValueHeads * KVCacheShape.blockSize * shape.format.rowBytes(width)
    }
}
