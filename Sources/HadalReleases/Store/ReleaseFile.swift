import Foundation
import GRDB

/// The database's file, which nobody but the user who runs us can read.
enum ReleaseFile {
    /// Makes it, and its directory, where they are not there. SQLite gives the files beside it the same mode.
    static func prepare(_ url: URL) throws {
        let directory = url.deletingLastPathComponent()
        try FileManager.default.createDirectory(
            at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let descriptor = open(url.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw problem(url) }
        defer { close(descriptor) }
        guard fchmod(descriptor, 0o600) == 0 else { throw problem(url) }
    }

    /// Looks whether the file is whole and for us, before anything is opened that could write to it.
    static func check(_ url: URL, _ migrator: DatabaseMigrator) throws {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        let queue = try DatabaseQueue(path: url.path, configuration: configuration)
        try queue.read { db in
            guard try String.fetchOne(db, sql: "PRAGMA quick_check(1)") == "ok" else {
                throw ReleaseError.store(path: url.path, problem: "is damaged; restore it from a backup")
            }
            if try migrator.hasBeenSuperseded(db) {
                throw ReleaseError.store(
                    path: url.path, problem: "was written by a later version of hadal; use that version or a backup")
            }
        }
        try queue.close()
    }

    /// Runs `body` while no other process, and no other call of this one, does so for the same directory.
    static func alone<Value>(in directory: URL, _ body: () throws -> Value) throws -> Value {
        let descriptor = open(directory.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw problem(directory) }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw problem(directory) }
        }
        return try body()
    }

    private static func problem(_ url: URL) -> ReleaseError {
        .store(
            path: url.path,
            problem: String(cString: strerror(errno)) + "; check that it belongs to the user who runs hadal")
    }
}
