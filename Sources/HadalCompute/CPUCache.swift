import Foundation

/// Keys and values in main memory: `[layer][block][key head][position in block][width]`. The pages come into being when
/// they are first written.
package final class CPUCache: KVCache, @unchecked Sendable {
    package let shape: KVCacheShape
    package let keys: UnsafeMutableRawPointer
    package let values: UnsafeMutableRawPointer?
    private let keyBytes: Int
    private let valueBytes: Int

    package init(_ shape: KVCacheShape) throws(ComputeError) {
        self.shape = shape
        let element = shape.format == .f32 ? 4 : 2
        let positions = shape.layers * shape.blocks * shape.keyValueHeads * KVCacheShape.blockSize
        keyBytes = positions * shape.keyWidth * element
        valueBytes = positions * shape.valueWidth * element
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

    var elementBytes: Int { shape.format == .f32 ? 4 : 2 }

    /// Where a layer begins, in bytes.
    func layerOffset(_ layer: Int, width: Int) -> Int {
        layer * shape.blocks * shape.keyValueHeads * KVCacheShape.blockSize * width * elementBytes
    }
}
