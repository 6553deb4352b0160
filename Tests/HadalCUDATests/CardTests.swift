import CUDAEmulator
import HadalCUDA
import HadalCompute
import TestSupport
import Testing

/// Finding cards and saying what is wrong with them.
@Suite struct CardTests {
    @Test func theCardIsDescribed() throws {
        let device = try EmulatedCard.device()
        #expect(device.summary == "CUDA (\(device.card.name), 8.0 GiB, \(device.card.capability.architecture))")
        #expect(device.card.uuid.hasPrefix("GPU-") && device.card.uuid.count == 40)
        #expect(device.memory.total == device.card.memoryBytes && device.memory.free > 0)
    }

    @Test func architecturesAreNamedAsNVRTCWantsThem() {
        let named = [(8, 0), (8, 6), (8, 9), (9, 0), (10, 0), (12, 0)].map {
            ComputeCapability(major: $0.0, minor: $0.1).architecture
        }
        #expect(named == ["sm_80", "sm_86", "sm_89", "sm_90a", "sm_100", "sm_120"])
        #expect(ComputeCapability(major: 7, minor: 5) < .least)
    }

    @Test func aCardIsChosenByNumberOrUUID() throws {
        #expect(try CUDACardChoice(environment: [:]) == .first)
        #expect(try CUDACardChoice(environment: ["HADAL_CUDA_DEVICE": "1"]) == .index(1))
        #expect(try CUDACardChoice("MIG-0a") == .uuid("MIG-0a"))
        #expect(throws: CUDAError.invalidChoice("a100")) { try CUDACardChoice("a100") }
        #expect(throws: CUDAError.invalidChoice("-1")) { try CUDACardChoice("-1") }
        let uuid = try EmulatedCard.device().card.uuid
        func device(_ choice: CUDACardChoice) throws -> CUDADevice {
            let directory = try TemporaryDirectory()
            let driver = try EmulatedCard.driver()
            return try CUDADevice(
                choice, driver: driver,
                compiler: KernelCompiler(
                    cache: CubinCache(directory: directory.path), driverVersion: driver.version,
                    openCompiler: EmulatedCard.compiler))
        }
        #expect(try device(.uuid(uuid)).card.index == 0)
        #expect(try device(.uuid(String(uuid.prefix(12)))).card.index == 0)
        #expect {
            try device(.index(3))
        } throws: { error in "\(error)" == "no card 3; there is 0 (\(uuid))" }
    }

    @Test func withoutADriverTheLibraryIsNamed() {
        #expect {
            try CUDADriver.open("/nowhere/libcuda.so.1")
        } throws: { error in
            guard let error = error as? CUDAError, case .noDriver(let reason) = error else { return false }
            return "\(error)".contains("libcuda.so.1 cannot be loaded") && reason.contains("/nowhere")
                && error.advice.contains("--gpus all")
        }
        #expect(throws: CUDAError.oldDriver(missing: "cuMemAlloc_v2")) {
            try CUDADriver { $0 == "cuMemAlloc_v2" ? nil : cuda_emulator_symbol($0) }
        }
    }

    @Test func aFullCardSaysWhatWasWantedAndWhatIsFree() throws {
        let device = try EmulatedCard.device()
        let total = device.memory.total
        let isHonest: (any Error) -> Bool = { error in
            guard let error = error as? CUDAError, case .outOfMemory(let what, let wanted, let free, total) = error
            else { return false }
            return !what.isEmpty && wanted > free && free <= total && error.advice.contains("nvidia-smi")
        }
        #expect { try device.allocate(rows: 1 << 20, width: 1 << 20) } throws: { isHonest($0) }
        #expect {
            try device.makeCache(
                KVCacheShape(
                    layers: 100, keyValueHeads: 8, keyWidth: 128, valueWidth: 128, blocks: 1 << 20, format: .f16))
        } throws: { isHonest($0) }
        // It goes on.
        let buffer = try device.buffer([1, 2], width: 2)
        #expect(device.read(buffer, rows: 1) == [1, 2])
    }

    // MARK: for `hadal doctor`

    @Test func theReportTellsWhatThereIs() throws {
        let report = CUDAReport(
            environment: ["HADAL_CACHE": "/a"],
            openDriver: { () throws(CUDAError) in
                try CUDADriver { cuda_emulator_symbol($0) }
            }, openCompiler: { (_) throws(CUDAError) in try EmulatedCard.compiler() })
        #expect(report.driver == "12.9" && report.driverProblem == nil && report.choiceProblem == nil)
        #expect(report.cards.count == 1 && report.cards.allSatisfy { $0.problem == nil && $0.freeMemory ?? 0 > 0 })
        #expect(report.compiler == "12.9" && report.compilerPath == "the emulator" && report.compilerProblem == nil)
        #expect(report.cacheDirectory == "/a/cuda")
    }

    @Test func theReportSaysHowToMendWhatIsMissing() throws {
        let report = CUDAReport(
            environment: [:], openDriver: { () throws(CUDAError) in try CUDADriver.open("/nowhere/libcuda.so.1") },
            openCompiler: { (_) throws(CUDAError) in
                try NVRTC.open(environment: ["HADAL_NVRTC_LIBRARY": "/nowhere/libnvrtc.so.12"])
            })
        #expect(report.driver == nil && report.driverProblem?.advice.contains("install NVIDIA's driver") == true)
        #expect(report.compilerProblem?.text.contains("/nowhere/libnvrtc.so.12") == true)
        #expect(report.compilerProblem?.advice.contains("HADAL_NVRTC_LIBRARY") == true)
        let chosen = CUDAReport(
            environment: ["HADAL_CUDA_DEVICE": "7"],
            openDriver: { () throws(CUDAError) in
                try CUDADriver { cuda_emulator_symbol($0) }
            }, openCompiler: { (_) throws(CUDAError) in try EmulatedCard.compiler() })
        #expect(chosen.cards.count == 1 && chosen.choiceProblem?.text.contains("no card 7") == true)
    }
}
