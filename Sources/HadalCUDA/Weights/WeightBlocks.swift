import HadalCheckpoint

/// GGUF's blocks of 32 (of Q4_K: 256) numbers, taken apart: the card reads numbers and scales each in one stream.
extension WeightRows {
    /// One output.
    func split(
        _ source: UnsafeRawPointer, _ format: TensorFormat, _ values: UnsafeMutableRawPointer,
        _ scales: UnsafeMutableRawPointer, _ minimums: UnsafeMutableRawPointer
    ) {
        let (bytes, blocks) = (format.blockBytes, inputs / format.blockSize)
        let (halves, lowest) = (
            scales.assumingMemoryBound(to: UInt16.self), minimums.assumingMemoryBound(to: UInt16.self)
        )
        for block in 0..<blocks {
            let place = source + block * bytes
            switch format {
            case .q8_0:  // d, 32 × int8
                halves[block] = place.half(0)
                (values + block * 32).copyMemory(from: place + 2, byteCount: 32)
            case .q4_0:  // d, 16 × 2 numbers, of which 8 is subtracted
                halves[block] = place.half(0)
                lowest[block] = (-8 * Float16(bitPattern: place.half(0))).bitPattern
                (values + block * 16).copyMemory(from: place + 2, byteCount: 16)
            case .q4_1:  // d, m, 16 × 2 numbers
                halves[block] = place.half(0)
                lowest[block] = place.half(2)
                (values + block * 16).copyMemory(from: place + 4, byteCount: 16)
            case .mxfp4:  // e, 16 × 2 numbers
                scales.storeBytes(of: place.load(as: UInt8.self), toByteOffset: block, as: UInt8.self)
                (values + block * 16).copyMemory(from: place + 1, byteCount: 16)
            case .q4_K:
                splitQ4K(place, values + block * 128, halves + block * 8, lowest + block * 8)
            default: preconditionFailure("\(format.name) has no format of the card's")
            }
        }
    }

    /// d, dmin, 8 scales and 8 minimums of 6 bits in 12 bytes, and 4 × 32 bytes whose low halves are the numbers of one
    /// block of 32, their high halves those of the next.
    private func splitQ4K(
        _ place: UnsafeRawPointer, _ values: UnsafeMutableRawPointer, _ scales: UnsafeMutablePointer<UInt16>,
        _ minimums: UnsafeMutablePointer<UInt16>
    ) {
        let (scale, minimum) = (
            Float(Float16(bitPattern: place.half(0))), Float(Float16(bitPattern: place.half(2)))
        )
        let packed = (place + 4).assumingMemoryBound(to: UInt8.self)
        let numbers = (place + 16).assumingMemoryBound(to: UInt8.self)
        let target = values.assumingMemoryBound(to: UInt8.self)
        for block in 0..<8 {
            let (own, lowest) =
                block < 4
                ? (packed[block] & 63, packed[block + 4] & 63)
                : (
                    packed[block + 4] & 15 | (packed[block - 4] >> 6) << 4,
                    packed[block + 4] >> 4 | (packed[block] >> 6) << 4
                )
            scales[block] = Float16(scale * Float(own)).bitPattern
            minimums[block] = Float16(-minimum * Float(lowest)).bitPattern
            let pairs = numbers + block / 2 * 32
            let shift: UInt8 = block % 2 == 0 ? 0 : 4
            for index in 0..<16 {
                target[block * 16 + index] = pairs[index] >> shift & 15 | (pairs[index + 16] >> shift & 15) << 4
            }
        }
    }
}

extension UnsafeRawPointer {
    /// A float16's bits, wherever they lie.
    fileprivate func half(_ offset: Int) -> UInt16 { loadUnaligned(fromByteOffset: offset, as: UInt16.self) }
}
