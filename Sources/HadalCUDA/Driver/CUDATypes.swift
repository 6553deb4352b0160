/// The driver's types, as NVIDIA's CUDA Driver API reference has them.
typealias CUDAStatus = Int32
typealias CUDAOrdinal = Int32
typealias CUDAHandle = OpaquePointer
/// An address in the card's memory.
package typealias CUDAAddress = UInt64

/// `CUresult`: those that are told apart.
enum CUDACode {
    static let success: CUDAStatus = 0
    static let outOfMemory: CUDAStatus = 2
    static let noDevice: CUDAStatus = 100
    static let invalidImage: CUDAStatus = 200
    static let noBinary: CUDAStatus = 209
    static let unsupportedPTX: CUDAStatus = 222
    static let notFound: CUDAStatus = 500
    static let systemDriverMismatch: CUDAStatus = 803
}

/// `CUdevice_attribute`.
enum CUDAAttribute: Int32 {
    case multiprocessors = 16
    case capabilityMajor = 75
    case capabilityMinor = 76
}

/// A card's CUDA version: what its machine code is made for.
public struct ComputeCapability: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let major: Int
    public let minor: Int

    /// The oldest that the kernels are written for: copies that wait for nobody (Ampere).
    public static let least = ComputeCapability(major: 8, minor: 0)

    public init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    public var description: String { "\(major).\(minor)" }

    /// As NVRTC names it: `sm_80`; Hopper's own instructions are in `sm_90a`.
    public var architecture: String { "sm_\(major)\(minor)" + (self == .init(major: 9, minor: 0) ? "a" : "") }

    public static func < (one: Self, other: Self) -> Bool { (one.major, one.minor) < (other.major, other.minor) }
}
