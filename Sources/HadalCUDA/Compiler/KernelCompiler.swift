import Dispatch
import Synchronization

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
        // A file takes up to a minute, on a processor of its own.
        let cubins = Mutex([Result<[UInt8], CUDAError>?](repeating: nil, count: files.count))
        DispatchQueue.concurrentPerform(iterations: files.count) { [compiler, missing] index in
            let key = CubinCache.Key(
                source: files[index], headers: headers, architecture: architecture, options: Self.options,
                driverVersion: driverVersion)
            let cubin = Result { () throws(CUDAError) in try find(key, compiler, missing) }
            cubins.withLock { $0[index] = cubin }
        }
        var whole: [[UInt8]] = []
        for cubin in cubins.withLock({ $0 }) { if let cubin { whole.append(try cubin.get()) } }
        return whole
    }

    /// What was kept, or compiled now.
    private func find(_ key: CubinCache.Key, _ compiler: NVRTC?, _ missing: CUDAError?) throws(CUDAError) -> [UInt8] {
        if let known = cache.find(key, version: compiler?.version) { return known }
        guard let compiler else { throw missing ?? .noCompiler(tried: [], reason: "") }
        let cubin = try compiler.compile(
            key.source, headers: key.headers, architecture: key.architecture, options: key.options)
        cache.keep(cubin, key, version: compiler.version)
        return cubin
    }
}
