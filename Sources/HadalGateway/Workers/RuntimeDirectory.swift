import Foundation

/// A directory that only this user can enter, for the workers' sockets.
struct RuntimeDirectory: Sendable {
    let path: String
    private let isOwn: Bool

    /// - Parameter path: nil: a new one, in `XDG_RUNTIME_DIR` or else the directory for temporary files. A socket's path
    ///   must be shorter than 108 bytes, so it should be a short one.
    init(_ path: String?) throws(GatewayError) {
        if let path {
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
                throw .runtimeDirectory(path: path, problem: String(cString: strerror(errno)))
            }
            self.path = path
            isOwn = false
            return
        }
        let environment = ProcessInfo.processInfo.environment
        let parent = environment["XDG_RUNTIME_DIR"] ?? environment["TMPDIR"] ?? "/tmp"
        // mkdtemp makes it with mode 0700.
        var template = Array("\(parent)/hadal-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw .runtimeDirectory(path: parent, problem: String(cString: strerror(errno)))
        }
        self.path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        isOwn = true
    }

    /// - Parameters:
    ///   - index: of the model.
    ///   - start: which of its workers.
    func socket(_ index: Int, start: Int) -> String { "\(path)/worker-\(index)-\(start).sock" }

    /// - Parameters:
    ///   - number: of a version's worker.
    ///   - start: which of its processes.
    func socket(version number: Int, start: Int) -> String { "\(path)/version-\(number)-\(start).sock" }

    func remove() {
        if isOwn { try? FileManager.default.removeItem(atPath: path) }
    }
}
