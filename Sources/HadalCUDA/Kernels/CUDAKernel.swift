/// A kernel and the struct of arguments that it takes, by value.
struct CUDAKernel<Arguments: BitwiseCopyable>: @unchecked Sendable {
    let function: CUDAHandle
    /// Of a block.
    let threads: UInt32
}

/// Compiled kernels on the card, unloaded with this object.
final class CUDAModules: @unchecked Sendable {
    private let context: CUDAContext
    private let modules: [CUDAHandle?]

    init(_ cubins: [[UInt8]], _ context: CUDAContext) throws(CUDAError) {
        self.context = context
        context.enter()
        var modules: [CUDAHandle?] = []
        do throws(CUDAError) {
            for cubin in cubins {
                var module: CUDAHandle?
                try context.driver.check(context.driver.loadModule(&module, cubin), "cuModuleLoadData")
                modules.append(module)
            }
        } catch {
            for module in modules { _ = context.driver.unloadModule(module) }
            throw error
        }
        self.modules = modules
    }

    deinit {
        context.enter()
        for module in modules { _ = context.driver.unloadModule(module) }
    }

    func kernel<Arguments>(_ name: String, threads: Int32) throws(CUDAError) -> CUDAKernel<Arguments> {
        for module in modules {
            var function: CUDAHandle?
            let status = context.driver.moduleFunction(&function, module, name)
            if status == CUDACode.notFound { continue }
            try context.driver.check(status, "cuModuleGetFunction")
            if let function { return CUDAKernel(function: function, threads: UInt32(threads)) }
        }
        throw .missingKernel(name)
    }
}

extension CUDAContext {
    /// Puts a kernel into the stream. Nothing is done where the grid is empty.
    @inline(__always)
    func launch<Arguments>(_ kernel: CUDAKernel<Arguments>, _ arguments: Arguments, _ grid: LaunchGrid) {
        guard grid.x > 0, grid.y > 0, grid.z > 0 else { return }
        enter()
        var arguments = arguments
        let status = withUnsafeMutablePointer(to: &arguments) { arguments in
            var place: UnsafeMutableRawPointer? = UnsafeMutableRawPointer(arguments)
            return driver.launch(
                kernel.function, UInt32(grid.x), UInt32(grid.y), UInt32(grid.z), kernel.threads, 1, 1, 0, stream,
                &place, nil)
        }
        must(status, "cuLaunchKernel")
    }
}
