import CUDAEmulator
import Foundation
import HadalCUDA
import TestSupport
import Testing

/// Compiled kernels on disk.
@Suite struct KernelCacheTests {
    @Sendable private static func missing() throws(CUDAError) -> NVRTC {
        throw .noCompiler(tried: ["libnvrtc.so.12"], reason: "no such file")
    }

    @Test func aSecondDeviceCompilesNothing() throws {
        let directory = try TemporaryDirectory()
        #expect {
            try EmulatedCard.device(cache: directory.path, Self.missing)
        } throws: { error in
            guard let error = error as? CUDAError else { return false }
            return "\(error)".contains("libnvrtc.so.12") && error.advice.contains("pip install nvidia-cuda-nvrtc-cu12")
        }
        _ = try EmulatedCard.device(cache: directory.path, EmulatedCard.compiler)
        #expect(try directory.names.count == KernelSource.bundled.files.count)
        #expect(try directory.names.allSatisfy { $0.hasSuffix(".cubin") })
        _ = try EmulatedCard.device(cache: directory.path, Self.missing)
    }

    @Test func aDamagedFileIsCompiledAnew() throws {
        let directory = try TemporaryDirectory()
        _ = try EmulatedCard.device(cache: directory.path, EmulatedCard.compiler)
        for name in try directory.names {
            let url = URL(fileURLWithPath: directory.file(name))
            let whole = try Data(contentsOf: url)
            var turned = whole
            turned[turned.count - 1] ^= 1
            for damaged in [turned, Data(whole.prefix(whole.count / 2)), Data(), Data("\n".utf8)] {
                try damaged.write(to: url)
                #expect(throws: CUDAError.self) { try EmulatedCard.device(cache: directory.path, Self.missing) }
                _ = try EmulatedCard.device(cache: directory.path, EmulatedCard.compiler)
                #expect(try Data(contentsOf: url) == whole)
            }
        }
    }

    @Test func aDirectoryThatCannotBeWrittenCostsTheNextStartItsTime() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("".utf8, "file")
        _ = try EmulatedCard.device(cache: file + "/below", EmulatedCard.compiler)
    }

    @Test func anErrorCarriesTheCompilersLog() throws {
        let broken = KernelSource(name: "broken.cu", text: "#include \"nowhere.cuh\"\n")
        #expect {
            try EmulatedCard.compiler().compile(broken, headers: [], architecture: "sm_80", options: [])
        } throws: { error in
            guard case .notCompiled("broken.cu", "sm_80", let log)? = error as? CUDAError else { return false }
            return log.contains("broken.cu(1): error") && log.contains("nowhere.cuh")
        }
    }

    @Test func theDirectoryIsWhereTheUserKeepsCaches() {
        func directory(_ environment: [String: String]) -> String {
            CubinCache.standard(environment: environment).directory
        }
        #expect(directory(["HADAL_CACHE": "/a", "XDG_CACHE_HOME": "/b"]) == "/a/cuda")
        #expect(directory(["XDG_CACHE_HOME": "/b"]) == "/b/hadal/cuda")
        #expect(directory(["XDG_CACHE_HOME": "relative"]).hasSuffix("/.cache/hadal/cuda"))
    }
}
