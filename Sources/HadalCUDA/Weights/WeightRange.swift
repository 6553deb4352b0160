/// How large numbers are that were rounded to float16, which bfloat16's and dequantised ones need not fit.
struct WeightRange {
    /// The largest magnitude's bits, of float32: they are ordered as the numbers are.
    private var largest: UInt32 = 0

    /// None is beyond float16's largest number, and the steps of 2⁻²⁴ that its smallest have are fine beside the largest of them.
    var fits: Bool {
        largest == 0 || (Float(sign: .plus, exponent: -10, significand: 1)...65504).contains(Float(bitPattern: largest))
    }

    mutating func join(_ other: WeightRange) { largest = max(largest, other.largest) }

    /// To the nearest, of two equally near ones the even. Without branches, so that several are done at once.
    mutating func round(_ numbers: UnsafePointer<Float>, _ count: Int, to target: UnsafeMutablePointer<UInt16>) {
        var own = largest
        for index in 0..<count {
            let bits = numbers[index].bitPattern
            let size = bits & 0x7FFF_FFFF
            own = max(own, size)
            // Exponents of float16's normal numbers: 112 less, and 13 bits of the fraction rounded away.
            let normal = (size &+ 0xFFF &+ (size >> 13 & 1)) >> 13 &- 112 << 10
            // The others are whole steps of 2⁻²⁴, which is the last place of numbers from a half on.
            let small = (Float(bitPattern: size) + 0.5).bitPattern &- (0.5 as Float).bitPattern
            let sign = bits >> 16 & 0x8000
            target[index] = UInt16(truncatingIfNeeded: sign | (size < 0x3880_0000 ? small : normal))
        }
        largest = own
    }
}
