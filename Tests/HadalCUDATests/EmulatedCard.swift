import CUDAEmulator
import Foundation
import HadalCUDA
import TestSupport

/// NVIDIA's libraries as the emulator has them.
enum EmulatedCard {
    static func driver() throws -> CUDADriver { try CUDADriver { cuda_emulator_symbol($0) } }

    @Sendable static func compiler() throws(CUDAError) -> NVRTC {
        try NVRTC(path: "the emulator") { cuda_emulator_symbol($0) }
    }

    /// Kernels "compiled" once for all tests.
    private static let cache: TemporaryDirectory = try! TemporaryDirectory()

    static func device(limits: CUDALimits = CUDALimits(), isExact: Bool = false) throws -> CUDADevice {
        try device(cache: cache.path, compiler, limits: limits, isExact: isExact)
    }

    static func device(
        cache: String, _ compiler: @escaping @Sendable () throws(CUDAError) -> NVRTC,
        limits: CUDALimits = CUDALimits(), isExact: Bool = false
    ) throws -> CUDADevice {
        let driver = try driver()
        return try CUDADevice(
            driver: driver,
            compiler: KernelCompiler(
                cache: CubinCache(directory: cache), driverVersion: driver.version, openCompiler: compiler),
            limits: limits, isExact: isExact)
    }
}
