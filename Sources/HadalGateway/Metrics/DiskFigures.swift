#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Room on the disks that the server writes to.
enum DiskFigures {
    /// - Parameter directories: by what they are for; what is not there yet is left out.
    static func write(_ directories: [(use: String, path: String)], to text: inout MetricsText) {
        let disks = directories.compactMap { use, path in
            space(path).map { (labels: LabelValues(use), free: $0.free, all: $0.all) }
        }
        text.add(
            .init(.gauge, "hadal_disk_free_bytes", "Bytes that can still be written where something is kept.", ["use"]),
            disks.map { ($0.labels, $0.free) })
        text.add(
            .init(.gauge, "hadal_disk_bytes", "Bytes of the disk on which something is kept.", ["use"]),
            disks.map { ($0.labels, $0.all) })
    }

    private static func space(_ path: String) -> (free: Double, all: Double)? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return (Double(status.f_bavail) * Double(status.f_frsize), Double(status.f_blocks) * Double(status.f_frsize))
    }
}
