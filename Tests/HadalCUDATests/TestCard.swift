import Foundation
import HadalCUDA
import HadalCompute
import TestSupport

/// The card that arithmetic is tested on: the emulated one, or with `HADAL_TEST_CUDA=1` the machine's own.
enum TestCard {
    static func device(limits: CUDALimits = CUDALimits(), isExact: Bool = false) throws -> CUDADevice {
        guard ProcessInfo.processInfo.environment["HADAL_TEST_CUDA"] == "1" else {
            return try EmulatedCard.device(limits: limits, isExact: isExact)
        }
        let driver = try CUDADriver.open()
        return try CUDADevice(
            try CUDACardChoice(environment: ProcessInfo.processInfo.environment), driver: driver,
            compiler: KernelCompiler(cache: .standard(), driverVersion: driver.version) { () throws(CUDAError) in
                try NVRTC.open()
            }, limits: limits, isExact: isExact)
    }
}

/// What the card is compared with: the processor in plain C.
func processor() throws -> CPUDevice { try CPUDevice(instructionSet: .scalar, threads: 1) }

extension SplitMix {
    mutating func floats(_ count: Int) -> [Float] { (0..<count).map { _ in Float.random(in: -1...1, using: &self) } }
}

extension ComputeDevice {
    func buffer(_ values: [Float], width: Int) throws -> Buffer {
        let buffer = try allocate(rows: values.count / width, width: width)
        write(values, into: buffer)
        return buffer
    }
}

/// Root of the mean squared difference, relative to that of the reference; infinite where a number is missing.
func relativeError(_ values: [Float], _ reference: [Float]) -> Double {
    var (difference, size) = (0.0, 0.0)
    for (value, expected) in zip(values, reference) {
        difference += Double(value - expected) * Double(value - expected)
        size += Double(expected) * Double(expected)
    }
    let error = (difference / max(size, 1e-300)).squareRoot()
    return values.count == reference.count && error.isFinite ? error : .infinity
}

/// What both devices make of the same calls, compared.
func differing(_ body: (any ComputeDevice) throws -> [Float]) throws -> Double {
    try relativeError(body(TestCard.device()), body(processor()))
}
