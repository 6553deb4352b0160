import Foundation
import Synchronization

/// A directory that only this user can enter, for the workers' sockets.
struct RuntimeDirectory: Sendable {
    let path: String
    let isOwn: Bool
    /// Of the names of this server's sockets: those of the servers that had the directory before may be there still.
    private let suffix: String
    private let owner = Owner()

    private final class Owner: Sendable {
        let isAnother = Atomic(false)
    }

    /// - Parameter path: nil: a new one, in `XDG_RUNTIME_DIR` or else the directory for temporary files. A socket's path
    ///   must be shorter than 108 bytes, so it should be a short one.
    init(_ path: String?) throws(GatewayError) {
        suffix = ""
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

    /// That of another server.
    init(inherited path: String, isOwn: Bool) {
        (self.path, self.isOwn, suffix) = (path, isOwn, "-\(getpid())")
    }

    /// - Parameters:
    ///   - index: of the model.
    ///   - start: which of its workers.
    func socket(_ index: Int, start: Int) -> String { "\(path)/worker-\(index)-\(start)\(suffix).sock" }

    /// Where the server before this one sends what still comes to it.
    var relay: String { "\(path)/relay\(suffix).sock" }

    /// Another server has it from here on, and removes it.
    func giveAway() { owner.isAnother.store(true, ordering: .relaxed) }

    func takeBack() { owner.isAnother.store(false, ordering: .relaxed) }

    /// - Parameters:
    ///   - number: of a version's worker.
    ///   - start: which of its processes.
    func socket(version number: Int, start: Int) -> String { "\(path)/version-\(number)-\(start)\(suffix).sock" }

    func remove() {
        if isOwn, !owner.isAnother.load(ordering: .relaxed) { try? FileManager.default.removeItem(atPath: path) }
    }
}
