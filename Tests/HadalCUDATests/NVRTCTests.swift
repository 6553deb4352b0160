import Foundation
import HadalCUDA
import TestSupport
import Testing

/// NVIDIA's own compiler takes the kernels, for the oldest card that is served and for Hopper.
@Suite struct NVRTCTests {
    /// As `make test-cuda` installs it.
    private static func library() throws -> String {
        if let named = ProcessInfo.processInfo.environment["HADAL_NVRTC_LIBRARY"] { return named }
        let packages = SharedData.repository.appendingPathComponent(".venv/lib")
        let pythons = try FileManager.default.contentsOfDirectory(atPath: packages.path)
        let found = pythons.map {
            packages.appendingPathComponent("\($0)/site-packages/nvidia/cuda_nvrtc/lib/libnvrtc.so.12").path
        }
        return try #require(
            found.first { FileManager.default.fileExists(atPath: $0) },
            "no NVRTC: make test-cuda installs nvidia-cuda-nvrtc-cu12")
    }

    @Test(arguments: ["sm_80", "sm_90a"]) func everyKernelCompiles(architecture: String) throws {
        let compiler = try NVRTC.open(environment: ["HADAL_NVRTC_LIBRARY": try Self.library()])
        let (files, headers) = KernelSource.bundled
        #expect(files.count >= 5)
        for file in files {
            let cubin = try compiler.compile(
                file, headers: headers, architecture: architecture, options: KernelCompiler.options)
            #expect(cubin.starts(with: [0x7F] + Array("ELF".utf8)), "\(file.name)")
        }
    }

    @Test func whatIsWrongIsInTheLog() throws {
        let compiler = try NVRTC.open(environment: ["HADAL_NVRTC_LIBRARY": try Self.library()])
        let source = KernelSource(name: "wrong.cu", text: "__global__ void wrong() { nonsense(); }\n")
        #expect {
            try compiler.compile(source, headers: [], architecture: "sm_80", options: [])
        } throws: { error in "\(error)".contains("wrong.cu") && "\(error)".contains("nonsense") }
        #expect {
            try compiler.compile(source, headers: [], architecture: "sm_1", options: [])
        } throws: { error in "\(error)".contains("sm_1") }
    }
}
