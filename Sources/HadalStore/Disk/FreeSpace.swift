import Foundation

/// Room on a disk, asked for before it is needed.
public struct FreeSpace: Sendable {
    /// What is kept free beside what is to come: 30 % of that.
    static let reservePercent: Int64 = 30

    /// Bytes that this user may still write in a directory.
    public let free: @Sendable (_ directory: String) throws(StoreError) -> Int64

    public init(_ free: @escaping @Sendable (_ directory: String) throws(StoreError) -> Int64) { self.free = free }

    public static let disk = FreeSpace { directory throws(StoreError) in
        var status = statvfs()
        // The store may not be there yet.
        var place = directory
        while statvfs(place, &status) != 0, errno == ENOENT, place != "/" {
            place = (place as NSString).deletingLastPathComponent
        }
        guard statvfs(place, &status) == 0 else {
            throw .system(path: directory, operation: "ask for the free space of", code: errno)
        }
        return Int64(
            clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
    }

    /// - Parameter bytes: that are still to be written.
    /// - Throws: `StoreError.noSpace`
    public func check(_ directory: String, for bytes: Int64) throws(StoreError) {
        guard bytes > 0 else { return }
        let needed = bytes + bytes / 100 * Self.reservePercent + bytes % 100 * Self.reservePercent / 100
        let free = try free(directory)
        if free < needed { throw .noSpace(directory: directory, needed: needed, free: free) }
    }
}
