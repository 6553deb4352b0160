/// Makes machine code of the kernels' sources, or takes it from earlier.
package struct KernelCompiler: Sendable {
    /// Products and sums are fused only where the source says so: else the compiler's choice could differ between a kernel's variants
    /// for few and for many rows, and with it a row's bits.
    package static let options = ["--std=c++17", "--fmad=false"]

    private let cache: CubinCache
    private let driverVersion: String
    /// Where all is compiled already it may throw.
    private let openCompiler: @Sendable () throws(CUDAError) -> NVRTC

    package init(
        cache: CubinCache, driverVersion: String, openCompiler: @escaping @Sendable () throws(CUDAError) -> NVRTC
    ) {
        self.cache = cache
        self.driverVersion = driverVersion
        self.openCompiler = openCompiler
    }

    /// - Returns: what `cuModuleLoadData` takes, for each of the files.
    package func compile(
        _ files: [KernelSource], headers: [KernelSource], for architecture: String
    ) throws(CUDAError) -> [[UInt8]] {
        let compiler: NVRTC?
        var missing: CUDAError?
        do throws(CUDAError) { compiler = try openCompiler() } catch {
            compiler = nil
            missing = error
        }
        var cubins: [[UInt8]] = []
        for file in files {
            let key = CubinCache.Key(
                source: file, headers: headers, architecture: architecture, options: Self.options,
                driverVersion: driverVersion)
            if let known = cache.find(key, version: compiler?.version) {
                cubins.append(known)
                continue
            }
            guard let compiler else { throw missing ?? .noCompiler(tried: [], reason: "") }
            let cubin = try compiler.compile(
                file, headers: headers, architecture: architecture, options: Self.options)
            cache.keep(cubin, key, version: compiler.version)
            cubins.append(cubin)
        }
        return cubins
    }
}
