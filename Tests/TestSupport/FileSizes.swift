import Foundation

/// What a full disk is played with: no file of this process may become longer. For a process of its own
/// (`#expect(processExitsWith:)`).
public enum FileSizes {
    /// - Parameter bytes: nil: as long as they like.
    public static func limit(_ bytes: UInt?) {
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        limit.rlim_cur = bytes ?? limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    }

    /// The longest file of a directory: none can grow beyond.
    public static func limit(toThoseIn directory: String) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: directory)
        let sizes = try names.map { name in
            let size = try FileManager.default.attributesOfItem(atPath: directory + "/" + name)[.size] as? NSNumber
            return size?.uintValue ?? 0
        }
        limit(sizes.max())
    }
}
