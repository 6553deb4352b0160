import CUDAEmulator
import Foundation
import HadalCUDA
import HadalCheckpoint
import HadalCompute
import TestSupport

/// NVIDIA's libraries as the emulator has them.
enum EmulatedCard {
    static func driver() throws -> CUDADriver { try CUDADriver { cuda_emulator_symbol($0) } }

    @Sendable static func compiler() throws(CUDAError) -> NVRTC {
        try NVRTC(path: "the emulator") { cuda_emulator_symbol($0) }
    }

    /// Kernels "compiled" once for all tests.
    private static let cache: TemporaryDirectory = try! TemporaryDirectory()

    static func device(isExact: Bool = false) throws -> CUDADevice {
        try device(cache: cache.path, compiler, isExact: isExact)
    }

    static func device(
        cache: String, _ compiler: @escaping @Sendable () throws(CUDAError) -> NVRTC, isExact: Bool = false
    ) throws -> CUDADevice {
        let driver = try driver()
        return try CUDADevice(
            driver: driver,
            compiler: KernelCompiler(
                cache: CubinCache(directory: cache), driverVersion: driver.version, openCompiler: compiler),
            isExact: isExact)
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
    try relativeError(body(EmulatedCard.device()), body(processor()))
}
