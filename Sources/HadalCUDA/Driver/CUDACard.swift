/// A card, or a slice of one (MIG), as the driver lists it.
public struct CUDACard: Sendable, Hashable {
    /// The driver's number of it, which `CUDA_VISIBLE_DEVICES` may change.
    public let index: Int
    /// `GPU-…`, or `MIG-…` of a slice.
    public let uuid: String
    public let name: String
    public let capability: ComputeCapability
    public let memoryBytes: Int
    public let multiprocessors: Int
    let ordinal: CUDAOrdinal

    /// `NVIDIA H200, 139.8 GiB, sm_90a`.
    public var summary: String { "\(name), \(ByteSize.text(memoryBytes)), \(capability.architecture)" }

    static func all(_ driver: CUDADriver) throws(CUDAError) -> [CUDACard] {
        var count: Int32 = 0
        try driver.check(driver.deviceCount(&count), "cuDeviceGetCount")
        var cards: [CUDACard] = []
        for index in 0..<max(count, 0) { cards.append(try CUDACard(index, driver)) }
        return cards
    }

    private init(_ index: Int32, _ driver: CUDADriver) throws(CUDAError) {
        var device: CUDAOrdinal = 0
        try driver.check(driver.deviceGet(&device, index), "cuDeviceGet")
        func attribute(_ attribute: CUDAAttribute) throws(CUDAError) -> Int {
            var value: Int32 = 0
            try driver.check(driver.deviceAttribute(&value, attribute.rawValue, device), "cuDeviceGetAttribute")
            return Int(value)
        }
        var text = [CChar](repeating: 0, count: 256)
        try driver.check(driver.deviceName(&text, Int32(text.count), device), "cuDeviceGetName")
        name = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var bytes = [UInt8](repeating: 0, count: 16)
        try driver.check(driver.deviceUUID(&bytes, device), "cuDeviceGetUuid")
        // The driver says nowhere that it is a slice but in the name.
        uuid = (name.contains(" MIG ") ? "MIG-" : "GPU-") + CUDACard.text(bytes)
        capability = ComputeCapability(
            major: try attribute(.capabilityMajor), minor: try attribute(.capabilityMinor))
        multiprocessors = try attribute(.multiprocessors)
        var memory = 0
        try driver.check(driver.deviceMemory(&memory, device), "cuDeviceTotalMem")
        memoryBytes = memory
        self.index = Int(index)
        ordinal = device
    }

    /// `0a1b2c3d-…`, in groups of 4, 2, 2, 2 and 6 bytes.
    private static func text(_ bytes: [UInt8]) -> String {
        var text = ""
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text += "-" }
            text += byte < 16 ? "0" : ""
            text += String(byte, radix: 16)
        }
        return text
    }
}
