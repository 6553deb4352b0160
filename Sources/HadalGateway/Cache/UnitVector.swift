/// An embedding, brought to length 1.
struct UnitVector: Sendable {
    private let dimensions: Int
    /// Filled up with zeros, which change no product.
    private let lanes: [SIMD8<Float>]

    /// - Returns: nil where the numbers have no direction: they are all 0, or one is not finite.
    init?(_ numbers: [Float]) {
        let length = numbers.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        guard length.isFinite, length > 0 else { return nil }
        dimensions = numbers.count
        lanes = stride(from: 0, to: numbers.count, by: 8).map { start in
            var lane = SIMD8<Float>.zero
            for (index, number) in numbers[start...].prefix(8).enumerated() {
                lane[index] = Float(Double(number) / length)
            }
            return lane
        }
    }

    /// Bytes of memory.
    var size: Int { MemoryLayout<UnitVector>.stride + lanes.count * MemoryLayout<SIMD8<Float>>.stride }

    /// - Returns: nil where the other has another number of dimensions.
    func cosine(with other: UnitVector) -> Double? {
        guard dimensions == other.dimensions else { return nil }
        var products = SIMD8<Float>.zero
        for index in lanes.indices { products += lanes[index] * other.lanes[index] }
        return Double(products.sum())
    }
}
