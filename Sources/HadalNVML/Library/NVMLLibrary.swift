import Foundation

/// NVIDIA's management library, opened while the program runs: without it, and without a GPU, the program is the same.
/// Each function is looked up by its name when it is called, so that an older library lacks only what it has not.
/// It stays loaded until the process ends. Calls may block for as long as the driver likes.
///
/// Signatures and structures are those of NVIDIA's NVML API reference. Structures are read as arrays of their members,
/// which on Linux lie where C puts them.
final class NVMLLibrary {
    typealias Device = UnsafeMutableRawPointer

    /// Bytes that any text of NVML fits in: the longest, names and UUIDs, have 96.
    private static let textBytes = 128

    private let module: UnsafeMutableRawPointer

    /// - Parameter path: a path, or a name that the system looks for.
    init(opening path: String) throws(NVMLError) {
        guard let module = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            throw .noLibrary(dlerror().map { String(cString: $0) } ?? path)
        }
        guard dlsym(module, "nvmlInit_v2") != nil else { throw .otherLibrary(path: path) }
        self.module = module
    }

    func call(_ name: String) throws(NVMLStatus) {
        try check(try function(name, (@convention(c) () -> Int32).self)())
    }

    func number(_ name: String) throws(NVMLStatus) -> UInt32 {
        typealias Function = @convention(c) (UnsafeMutablePointer<UInt32>) -> Int32
        var value: UInt32 = 0
        try check(try function(name, Function.self)(&value))
        return value
    }

    func text(_ name: String) throws(NVMLStatus) -> String {
        typealias Function = @convention(c) (UnsafeMutablePointer<CChar>, UInt32) -> Int32
        let function = try function(name, Function.self)
        return try text { function($0, $1) }
    }

    /// - Parameter function: writes so many characters at most.
    private func text(
        _ function: (UnsafeMutablePointer<CChar>, UInt32) -> Int32
    ) throws(NVMLStatus) -> String {
        var bytes = [CChar](repeating: 0, count: Self.textBytes)
        try check(function(&bytes, UInt32(Self.textBytes)))
        return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func device(_ index: UInt32) throws(NVMLStatus) -> Device {
        typealias Function = @convention(c) (UInt32, UnsafeMutablePointer<Device?>) -> Int32
        var device: Device?
        try check(try function("nvmlDeviceGetHandleByIndex_v2", Function.self)(index, &device))
        guard let device else { throw .notFound }
        return device
    }

    /// - Parameter index: up to the most that the card can have; there are gaps.
    func slice(_ index: UInt32, of device: Device) throws(NVMLStatus) -> Device {
        typealias Function = @convention(c) (Device, UInt32, UnsafeMutablePointer<Device?>) -> Int32
        var slice: Device?
        try check(try function("nvmlDeviceGetMigDeviceHandleByIndex", Function.self)(device, index, &slice))
        guard let slice else { throw .notFound }
        return slice
    }

    func text(_ name: String, of device: Device) throws(NVMLStatus) -> String {
        typealias Function = @convention(c) (Device, UnsafeMutablePointer<CChar>, UInt32) -> Int32
        let function = try function(name, Function.self)
        return try text { function(device, $0, $1) }
    }

    func number(_ name: String, of device: Device) throws(NVMLStatus) -> UInt32 {
        typealias Function = @convention(c) (Device, UnsafeMutablePointer<UInt32>) -> Int32
        var value: UInt32 = 0
        try check(try function(name, Function.self)(device, &value))
        return value
    }

    /// - Parameter kind: of an enumeration: a clock, a sensor, a counter.
    func number(_ name: String, of device: Device, _ kind: UInt32) throws(NVMLStatus) -> UInt32 {
        typealias Function = @convention(c) (Device, UInt32, UnsafeMutablePointer<UInt32>) -> Int32
        var value: UInt32 = 0
        try check(try function(name, Function.self)(device, kind, &value))
        return value
    }

    /// Two of them.
    func numbers(_ name: String, of device: Device) throws(NVMLStatus) -> [UInt32] {
        typealias Function =
            @convention(c) (Device, UnsafeMutablePointer<UInt32>, UnsafeMutablePointer<UInt32>) ->
            Int32
        var (first, second): (UInt32, UInt32) = (0, 0)
        try check(try function(name, Function.self)(device, &first, &second))
        return [first, second]
    }

    func bits(_ name: String, of device: Device) throws(NVMLStatus) -> UInt64 {
        typealias Function = @convention(c) (Device, UnsafeMutablePointer<UInt64>) -> Int32
        var value: UInt64 = 0
        try check(try function(name, Function.self)(device, &value))
        return value
    }

    func count(_ name: String, of device: Device, _ kind: UInt32, _ counter: UInt32) throws(NVMLStatus) -> UInt64 {
        typealias Function = @convention(c) (Device, UInt32, UInt32, UnsafeMutablePointer<UInt64>) -> Int32
        var value: UInt64 = 0
        try check(try function(name, Function.self)(device, kind, counter, &value))
        return value
    }

    /// A structure's members, all of one width.
    /// - Parameter members: as the function is to find them.
    func structure<Member: FixedWidthInteger>(
        _ name: String, of device: Device, _ members: [Member]
    ) throws(NVMLStatus) -> [Member] {
        typealias Function = @convention(c) (Device, UnsafeMutableRawPointer) -> Int32
        var members = members
        try check(try function(name, Function.self)(device, &members))
        return members
    }

    /// As the driver's, `550.54.15`; NVML writes that of CUDA before it. It tells that without being started.
    var version: String? {
        let parts = (try? text("nvmlSystemGetNVMLVersion"))?.split(separator: ".")
        return parts.map { ($0.count > 3 ? $0.dropFirst() : $0[...]).joined(separator: ".") }
    }

    /// NVML's words for a status.
    func words(_ status: NVMLStatus) -> String {
        typealias Function = @convention(c) (Int32) -> UnsafePointer<CChar>?
        let text = (try? function("nvmlErrorString", Function.self))?(status.code)
        return text.map { String(cString: $0) } ?? "status \(status.code)"
    }

    private func function<Function>(_ name: String, _ type: Function.Type) throws(NVMLStatus) -> Function {
        guard let address = dlsym(module, name) else { throw .functionNotFound }
        return unsafeBitCast(address, to: type)
    }

    private func check(_ code: Int32) throws(NVMLStatus) {
        guard code == NVMLStatus.success.code else { throw NVMLStatus(code: code) }
    }
}
