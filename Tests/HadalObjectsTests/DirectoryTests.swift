import Foundation
import TestSupport
import Testing

@testable import HadalObjects

@Suite(.timeLimit(.minutes(15)))
struct DirectoryTests {
    /// A file system of its own, for root only.
    private final class Mount: Sendable {
        static let isAllowed = geteuid() == 0
        let folder: TemporaryDirectory

        init(_ options: String) throws {
            folder = try TemporaryDirectory()
            try Self.run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder.path)
        }

        deinit { try? Self.run("umount", folder.path) }

        func remount(_ options: String) throws { try Self.run("mount", "-o", "remount," + options, folder.path) }

        private static func run(_ words: String...) throws {
            let process = try Process.run(URL(fileURLWithPath: "/usr/bin/env"), arguments: words)
            process.waitUntilExit()
            try #require(process.terminationStatus == 0)
        }
    }

    @Test func aDirectoryThatIsNotThereIsNotAnEmptyOne() async throws {
        let folder = try TemporaryDirectory()
        let path = folder.file("storage")
        #expect(throws: ObjectError.noPlace(path)) { _ = try DirectoryStorage(path) }
        // An unmounted disk lacks more than the last directory.
        #expect(throws: ObjectError.self) { _ = try DirectoryStorage(folder.file("disk/storage"), creating: true) }
        let storage = try DirectoryStorage(path, creating: true)
        let again = try DirectoryStorage(path, creating: true)
        try await storage.put(ObjectName("a"), Data())
        #expect(try await again.list("").count == 1)
        try FileManager.default.removeItem(atPath: path)
        await #expect(throws: ObjectError.noPlace(path)) { _ = try await storage.list("") }
        await #expect(throws: ObjectError.noPlace(path)) { _ = try await storage.stat(ObjectName("a")) }
        await #expect(throws: ObjectError.noPlace(path)) { try await storage.put(ObjectName("a"), Data()) }
    }

    @Test func symbolicLinksAreNotFollowed() async throws {
        let site = try StorageSite(.directory)
        let (storage, files) = (site.storage, FileManager.default)
        try files.createDirectory(atPath: site.folder.file("outside"), withIntermediateDirectories: true)
        let secret = try site.folder.write(Data("secret".utf8), "outside/secret")
        try files.createSymbolicLink(atPath: storage.place + "/file", withDestinationPath: secret)
        try files.createSymbolicLink(
            atPath: storage.place + "/folder", withDestinationPath: site.folder.file("outside"))
        for text in ["file", "folder/secret"] {
            let name = try ObjectName(text)
            #expect(try await storage.stat(name) == nil)
            await #expect(throws: ObjectError.notFound(place: storage.place, name: text)) {
                _ = try await storage.get(name, limit: 100)
            }
        }
        #expect(try await storage.list("") == [])
        #expect(try await storage.list("folder/") == [])
        await #expect(throws: ObjectError.self) { try await storage.put(ObjectName("folder/new"), Data()) }
        try await storage.delete(ObjectName("folder/secret"))
        // The link itself is replaced, not what it leads to.
        try await storage.put(ObjectName("file"), Data("new".utf8))
        #expect(try await storage.get(ObjectName("file"), limit: 3) == Data("new".utf8))
        #expect(try Data(contentsOf: URL(fileURLWithPath: secret)) == Data("secret".utf8))
    }

    @Test func whatIsNoObjectIsLeftAlone() async throws {
        let site = try StorageSite(.directory)
        let storage = site.storage
        mkfifo(storage.place + "/pipe", 0o600)
        try site.folder.write(Data(), "storage/with space")
        try await storage.put(ObjectName("a/b"), Data("b".utf8))
        #expect(try await storage.stat(ObjectName("pipe")) == nil)
        #expect(try await storage.stat(ObjectName("a")) == nil)
        #expect(try await storage.stat(ObjectName("a/b/c")) == nil)
        try await storage.delete(ObjectName("a"))
        try await storage.delete(ObjectName("a/b/c"))
        #expect(try await storage.list("").map(\.name.text) == ["a/b"])
        for name in ["a", "a/b/c"] {
            let error = await #expect(throws: ObjectError.self) { try await storage.put(ObjectName(name), Data()) }
            #expect("\(error!)".contains("no name can begin with another one"))
        }
        #expect(try await storage.get(ObjectName("a/b"), limit: 1) == Data("b".utf8))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: storage.place).sorted() == ["a", "pipe", "with space"])
    }

    @Test func leftoversAreSweptAfterADay() async throws {
        let site = try StorageSite(.directory)
        try await site.storage.put(ObjectName("a/b"), Data())
        let (old, new) = ("storage/a/~old", "storage/a/~new")
        for name in [old, new] { try site.folder.write(Data("half".utf8), name) }
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -90_000)], ofItemAtPath: site.folder.file(old))
        #expect(try await site.storage.list("").map(\.name.text) == ["a/b"])
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: site.folder.file("storage/a")).sorted() == [
                "b", "~new",
            ])
    }

    @Test(.enabled(if: Mount.isAllowed, "only root can mount")) func aFullDiskSaysSoAndKeepsWhatWasThere() async throws
    {
        let mount = try Mount("size=1m")
        let storage = try DirectoryStorage(mount.folder.path)
        let name = try ObjectName("object")
        try await storage.put(name, Data("old".utf8))
        let outside = try TemporaryDirectory()
        let source = try outside.write(StorageSite.bytes(2 << 20, seed: 1), "source")
        let attempts: [@Sendable () async throws -> Void] = [
            { try await storage.put(name, StorageSite.bytes(2 << 20, seed: 1)) },
            { try await storage.upload(name, file: source) { _ in } },
        ]
        for attempt in attempts {
            let error = await #expect(throws: ObjectError.self) { try await attempt() }
            guard case .system(let path, _, ENOSPC) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(path.hasPrefix(mount.folder.path) && "\(error!)".contains("make room"))
            #expect(try mount.folder.names == ["object"])
            #expect(try await storage.get(name, limit: 3) == Data("old".utf8))
        }
    }

    @Test(.enabled(if: Mount.isAllowed, "only root can mount")) func aDiskThatIsReadOnlySaysSo() async throws {
        let mount = try Mount("size=1m")
        let storage = try DirectoryStorage(mount.folder.path)
        let name = try ObjectName("object")
        try await storage.put(name, Data("old".utf8))
        try mount.remount("ro")
        for text in ["object", "a/b"] {
            let error = await #expect(throws: ObjectError.self) { try await storage.put(ObjectName(text), Data()) }
            guard case .system(_, _, EROFS) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect("\(error!)".contains("read only"))
        }
        await #expect(throws: ObjectError.self) { try await storage.delete(name) }
        #expect(try await storage.get(name, limit: 3) == Data("old".utf8))
    }

    @Test func whoMayNotWriteIsTold() {
        let error = ObjectError.system(path: "/mnt/backup/a", operation: "write", code: EACCES)
        #expect("\(error)".hasPrefix("cannot write /mnt/backup/a: Permission denied; give this user the right"))
    }
}
