import HadalCheckpoint
import HadalCompute

/// SplitMix64: the same numbers for the same seed, on every machine.
struct RandomNumbers: RandomNumberGenerator {
    var state: UInt64

    init(_ seed: Int) { state = UInt64(seed) }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func floats(_ count: Int) -> [Float] { (0..<count).map { _ in Float.random(in: -1...1, using: &self) } }
}

extension ComputeDevice {
    func buffer(_ values: [Float], width: Int) -> Buffer {
        let buffer = try! allocate(rows: values.count / width, width: width)
        write(values, into: buffer)
        return buffer
    }
}

/// Root mean square of the difference, relative to the reference's.
func relativeError(_ values: [Float], _ reference: [Double]) -> Double {
    var difference = 0.0
    var size = 0.0
    for (value, expected) in zip(values, reference) {
        difference += (Double(value) - expected) * (Double(value) - expected)
        size += expected * expected
    }
    return (difference / max(size, 1e-300)).squareRoot()
}

/// Every instruction set of this machine with 1, 2 and 3 threads. New ones each time: a device serves one caller at once.
var devices: [CPUDevice] {
    InstructionSet.available.flatMap { set in (1...3).map { try! CPUDevice(instructionSet: set, threads: $0) } }
}
