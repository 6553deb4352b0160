/// What NVML's functions return (`nvmlReturn_t`), with the numbers of NVIDIA's NVML API reference.
struct NVMLStatus: Error, Sendable, Hashable {
    let code: Int32

    static let success = NVMLStatus(code: 0)
    static let notSupported = NVMLStatus(code: 3)
    static let noPermission = NVMLStatus(code: 4)
    static let notFound = NVMLStatus(code: 6)
    static let driverNotLoaded = NVMLStatus(code: 9)
    /// Also of a function that this version of the library has not.
    static let functionNotFound = NVMLStatus(code: 13)
    static let lost = NVMLStatus(code: 15)
    static let resetRequired = NVMLStatus(code: 16)
    /// The system or a control group keeps this process from the devices.
    static let operatingSystem = NVMLStatus(code: 17)
    static let versionMismatch = NVMLStatus(code: 18)

    /// Of the card, not of what was asked of it: it has no figures at all.
    var endsCard: Bool { self == .lost || self == .resetRequired }
}
