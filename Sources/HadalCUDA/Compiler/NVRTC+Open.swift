import Foundation

extension NVRTC {
    /// Finds it: what `HADAL_NVRTC_LIBRARY` names, or the usual names and places.
    ///
    /// - Parameter cudaMajor: the driver's CUDA version, whose compiler comes first: one that is newer may make what the driver
    ///   cannot load.
    package static func open(
        cudaMajor: Int = 12, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(CUDAError) -> NVRTC {
        let names = candidates(cudaMajor: cudaMajor, environment)
        var reason: String?
        for name in names {
            guard let module = dlopen(name, RTLD_NOW | RTLD_LOCAL) else {
                reason = reason ?? dlerror().map { String(cString: $0) }
                continue
            }
            return try NVRTC(path: place(of: name) ?? name) { dlsym(module, $0) }
        }
        throw .noCompiler(tried: names, reason: reason ?? "")
    }

    private static func candidates(cudaMajor: Int, _ environment: [String: String]) -> [String] {
        if let named = environment["HADAL_NVRTC_LIBRARY"], !named.isEmpty { return [named] }
        let versions = cudaMajor >= 13 ? [13, 12] : [12, 13]
        let names = versions.map { "libnvrtc.so.\($0)" } + ["libnvrtc.so"]
        return names + names.dropLast().map { "/usr/local/cuda/lib64/\($0)" }
    }

    /// The file that a library of this name was loaded from.
    private static func place(of name: String) -> String? {
        guard let maps = FileManager.default.contents(atPath: "/proc/self/maps") else { return nil }
        return String(decoding: maps, as: UTF8.self).split(separator: "\n").lazy
            .compactMap { $0.firstIndex(of: "/").map($0.suffix(from:)) }
            .first { $0.split(separator: "/").last?.hasPrefix("libnvrtc.so") ?? false || $0 == name }
            .map(String.init)
    }
}
