import Foundation

/// The process's file descriptors, each connection being one.
enum Descriptors {
    /// How many connections a server takes. Many systems begin with 1024 descriptors and allow far more: the limit is raised
    /// to what is allowed, and a quarter left for files, workers and their sockets.
    static let forConnections: Int = {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 512 }
        let wanted = min(limit.rlim_max, 65_536)
        if limit.rlim_cur < wanted {
            limit.rlim_cur = wanted
            _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        return max(64, min(32_768, Int(clamping: limit.rlim_cur) / 4 * 3))
    }()
}
