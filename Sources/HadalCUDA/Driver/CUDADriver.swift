import Foundation

/// NVIDIA's driver, `libcuda.so.1`, opened while the program runs: its functions, looked up once.
///
/// Signatures are those of NVIDIA's CUDA Driver API reference. Each function gives a `CUresult`.
package struct CUDADriver: @unchecked Sendable {
    package typealias Lookup = (String) -> UnsafeMutableRawPointer?
    typealias Kernel = CUDAHandle

    static let library = "libcuda.so.1"

    let initialize: @convention(c) (UInt32) -> CUDAStatus
    let driverVersion: @convention(c) (UnsafeMutablePointer<Int32>) -> CUDAStatus
    let errorName: @convention(c) (CUDAStatus, UnsafeMutablePointer<UnsafePointer<CChar>?>) -> CUDAStatus
    let deviceCount: @convention(c) (UnsafeMutablePointer<Int32>) -> CUDAStatus
    let deviceGet: @convention(c) (UnsafeMutablePointer<CUDAOrdinal>, Int32) -> CUDAStatus
    let deviceName: @convention(c) (UnsafeMutablePointer<CChar>, Int32, CUDAOrdinal) -> CUDAStatus
    let deviceUUID: @convention(c) (UnsafeMutableRawPointer, CUDAOrdinal) -> CUDAStatus
    let deviceAttribute: @convention(c) (UnsafeMutablePointer<Int32>, Int32, CUDAOrdinal) -> CUDAStatus
    let deviceMemory: @convention(c) (UnsafeMutablePointer<Int>, CUDAOrdinal) -> CUDAStatus
    let retainContext: @convention(c) (UnsafeMutablePointer<CUDAHandle?>, CUDAOrdinal) -> CUDAStatus
    let releaseContext: @convention(c) (CUDAOrdinal) -> CUDAStatus
    let setContext: @convention(c) (CUDAHandle?) -> CUDAStatus
    let memoryInfo: @convention(c) (UnsafeMutablePointer<Int>, UnsafeMutablePointer<Int>) -> CUDAStatus
    let allocate: @convention(c) (UnsafeMutablePointer<CUDAAddress>, Int) -> CUDAStatus
    let free: @convention(c) (CUDAAddress) -> CUDAStatus
    let allocateHost: @convention(c) (UnsafeMutablePointer<UnsafeMutableRawPointer?>, Int, UInt32) -> CUDAStatus
    let freeHost: @convention(c) (UnsafeMutableRawPointer) -> CUDAStatus
    let copyToDevice: @convention(c) (CUDAAddress, UnsafeRawPointer, Int, CUDAHandle?) -> CUDAStatus
    let copyToHost: @convention(c) (UnsafeMutableRawPointer, CUDAAddress, Int, CUDAHandle?) -> CUDAStatus
    let fill: @convention(c) (CUDAAddress, UInt8, Int, CUDAHandle?) -> CUDAStatus
    let createStream: @convention(c) (UnsafeMutablePointer<CUDAHandle?>, UInt32) -> CUDAStatus
    let destroyStream: @convention(c) (CUDAHandle?) -> CUDAStatus
    let synchronizeStream: @convention(c) (CUDAHandle?) -> CUDAStatus
    let loadModule: @convention(c) (UnsafeMutablePointer<CUDAHandle?>, UnsafeRawPointer) -> CUDAStatus
    let unloadModule: @convention(c) (CUDAHandle?) -> CUDAStatus
    let moduleFunction:
        @convention(c) (UnsafeMutablePointer<CUDAHandle?>, CUDAHandle?, UnsafePointer<CChar>) -> CUDAStatus
    /// Grid, block, bytes of dynamic shared memory, stream, arguments, extra.
    let launch:
        @convention(c) (
            CUDAHandle?, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, CUDAHandle?,
            UnsafeMutablePointer<UnsafeMutableRawPointer?>?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?
        ) -> CUDAStatus

    /// - Parameter symbols: where functions of a name are; tests give an emulator's.
    package init(symbols: Lookup) throws(CUDAError) {
        func function<Function>(_ name: String) throws(CUDAError) -> Function {
            guard let address = symbols(name) else { throw .oldDriver(missing: name) }
            return unsafeBitCast(address, to: Function.self)
        }
        initialize = try function("cuInit")
        driverVersion = try function("cuDriverGetVersion")
        errorName = try function("cuGetErrorName")
        deviceCount = try function("cuDeviceGetCount")
        deviceGet = try function("cuDeviceGet")
        deviceName = try function("cuDeviceGetName")
        deviceUUID = try function("cuDeviceGetUuid_v2")
        deviceAttribute = try function("cuDeviceGetAttribute")
        deviceMemory = try function("cuDeviceTotalMem_v2")
        retainContext = try function("cuDevicePrimaryCtxRetain")
        releaseContext = try function("cuDevicePrimaryCtxRelease_v2")
        setContext = try function("cuCtxSetCurrent")
        memoryInfo = try function("cuMemGetInfo_v2")
        allocate = try function("cuMemAlloc_v2")
        free = try function("cuMemFree_v2")
        allocateHost = try function("cuMemHostAlloc")
        freeHost = try function("cuMemFreeHost")
        copyToDevice = try function("cuMemcpyHtoDAsync_v2")
        copyToHost = try function("cuMemcpyDtoHAsync_v2")
        fill = try function("cuMemsetD8Async")
        createStream = try function("cuStreamCreate")
        destroyStream = try function("cuStreamDestroy_v2")
        synchronizeStream = try function("cuStreamSynchronize")
        loadModule = try function("cuModuleLoadData")
        unloadModule = try function("cuModuleUnload")
        moduleFunction = try function("cuModuleGetFunction")
        launch = try function("cuLaunchKernel")
        try check(initialize(0), "cuInit")
    }

    /// It stays loaded until the process ends.
    ///
    /// - Parameter name: of the library, or a path.
    package static func open(_ name: String = library) throws(CUDAError) -> CUDADriver {
        guard let module = dlopen(name, RTLD_NOW | RTLD_LOCAL) else {
            throw .noDriver(reason: dlerror().map { String(cString: $0) } ?? name)
        }
        return try CUDADriver { dlsym(module, $0) }
    }

    /// - Parameter call: the function's name.
    func check(_ status: CUDAStatus, _ call: String) throws(CUDAError) {
        guard status != CUDACode.success else { return }
        throw .failed(call: call, code: status, name: name(of: status))
    }

    func name(of status: CUDAStatus) -> String {
        var text: UnsafePointer<CChar>?
        _ = errorName(status, &text)
        return text.map { String(cString: $0) } ?? "error \(status)"
    }

    /// The version of CUDA that it serves, `12.4`.
    package var version: String { "\(versionNumber / 1000).\(versionNumber % 1000 / 10)" }

    var majorVersion: Int { versionNumber / 1000 }

    /// 12040 is 12.4.
    private var versionNumber: Int {
        var number: Int32 = 0
        _ = driverVersion(&number)
        return Int(number)
    }
}
