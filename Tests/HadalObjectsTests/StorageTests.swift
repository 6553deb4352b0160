import Crypto
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import HadalObjects

/// A storage to test, with a folder for local files.
final class StorageSite: Sendable {
    enum Kind: CaseIterable { case directory, bucket }

    /// Removed with the site.
    let folder: TemporaryDirectory
    let storage: any ObjectStorage

    init(_ kind: Kind) throws {
        folder = try TemporaryDirectory()
        storage =
            switch kind {
            case .directory: try DirectoryStorage(folder.file("storage"), creating: true)
            case .bucket: try MotoServer.shared.get().storage()
            }
    }

    static func bytes(_ count: Int, seed: UInt64) -> Data {
        var random = SplitMix(state: seed)
        return (0..<(count + 7) / 8).map { _ in random.next() }.withUnsafeBytes { Data($0.prefix(count)) }
    }
}

/// What all storages do alike.
@Suite(.timeLimit(.minutes(15)))
struct StorageTests {
    typealias Kind = StorageSite.Kind

    @Test(arguments: Kind.allCases) func anObjectIsWhatWasPutLast(kind: Kind) async throws {
        let site = try StorageSite(kind)
        let storage = site.storage
        let name = try ObjectName("backups/2026-11-29/state.db")
        #expect(try await storage.stat(name) == nil)
        await #expect(throws: ObjectError.notFound(place: storage.place, name: name.text)) {
            _ = try await storage.get(name, limit: 10)
        }
        for text in ["first", "", "the second"] {
            try await storage.put(name, Data(text.utf8))
            #expect(try await storage.get(name, limit: 10) == Data(text.utf8))
            let found = try #require(try await storage.stat(name))
            #expect(found.name == name && found.size == text.utf8.count)
            #expect(abs(found.modified.timeIntervalSinceNow) < 300)
        }
        await #expect(throws: ObjectError.tooLarge(place: storage.place, name: name.text, limit: 9)) {
            _ = try await storage.get(name, limit: 9)
        }
        try await storage.delete(name)
        try await storage.delete(name)
        #expect(try await storage.stat(name) == nil)
        #expect(try await storage.list("") == [])
    }

    @Test(arguments: Kind.allCases) func aListingHasTheNamesThatBeginSoInOrder(kind: Kind) async throws {
        let site = try StorageSite(kind)
        let storage = site.storage
        var random = SplitMix(state: 7)
        let letters = Array("ab-._Z9")
        var names: Set<String> = ["a/b/c", "a/b-c", "ab/c", "A", ".hidden/x", "..x", "a..b/.c"]
        for _ in 0..<40 {
            let segments = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                "s"
                    + String(
                        (0..<Int.random(in: 0...6, using: &random)).map { _ in letters.randomElement(using: &random)! })
            }
            let name = segments.joined(separator: "/")
            // What a directory cannot hold.
            if names.allSatisfy({ !$0.hasPrefix(name + "/") && !name.hasPrefix($0 + "/") }) { names.insert(name) }
        }
        for name in names { try await storage.put(ObjectName(name), Data(name.utf8)) }
        for prefix in ["", "a", "a/", "a/b", "a/b/", "a.", ".", "s", "s/", "nothing/here", "a/b/c", "a/b/c/d"] {
            let found = try await storage.list(prefix)
            let expected = try names.filter { $0.hasPrefix(prefix) }.map { name throws in try ObjectName(name) }
                .sorted()
            #expect(found.map(\.name) == expected, "\(prefix)")
            #expect(found.allSatisfy { $0.size == $0.name.text.utf8.count })
        }
        await #expect(throws: ObjectError.self) { _ = try await storage.list("../") }
        await #expect(throws: ObjectError.self) { _ = try await storage.list("a//") }
    }

    @Test(arguments: Kind.allCases, [0, 1, (5 << 20) - 1, 5 << 20, (5 << 20) + 1, 10 << 20, (10 << 20) + 1])
    func aFileGoesUpAndComesBack(kind: Kind, size: Int) async throws {
        let site = try StorageSite(kind)
        let bytes = StorageSite.bytes(size, seed: UInt64(size))
        let name = try ObjectName("models/weights.gguf")
        let told = Mutex<[Int64]>([])
        let source = try site.folder.write(bytes, "source")
        try await site.storage.upload(name, file: source) { sum in told.withLock { $0.append(sum) } }
        #expect(told.withLock { $0 == $0.sorted() && $0.last ?? 0 == size })
        #expect(try await site.storage.stat(name)?.size == Int64(size))
        #expect(try await site.storage.get(name, limit: size) == bytes)
        #expect(try await site.storage.bytes(name, from: 0) == bytes)
    }

    @Test(arguments: Kind.allCases, [0, 1, 5 << 20, (5 << 20) + 1, (12 << 20) + 1])
    func onlyBytesWithTheRightHashGoUp(kind: Kind, size: Int) async throws {
        let site = try StorageSite(kind)
        let bytes = StorageSite.bytes(size, seed: UInt64(size))
        let source = try site.folder.write(bytes, "source")
        let name = try ObjectName("blobs/object")
        try await site.storage.put(name, Data("before".utf8))
        let (right, other) = (Hex.text(SHA256.hash(data: bytes)), Hex.text(SHA256.hash(data: bytes + [0])))
        await #expect(throws: ObjectError.wrongBytes(file: source, expected: other, found: right)) {
            try await site.storage.upload(name, file: source, sha256: other) { _ in }
        }
        #expect(try await site.storage.get(name, limit: 6) == Data("before".utf8))
        #expect(try await site.storage.list("").map(\.name) == [name])
        try await site.storage.upload(name, file: source, sha256: right) { _ in }
        #expect(try await site.storage.get(name, limit: size) == bytes)
    }

    @Test(arguments: Kind.allCases) func anObjectIsReadFromAnywhere(kind: Kind) async throws {
        let site = try StorageSite(kind)
        let bytes = StorageSite.bytes(2_500_000, seed: 9)
        let name = try ObjectName("object")
        try await site.storage.put(name, bytes)
        for offset in [0, 1, 1 << 20, bytes.count - 1, bytes.count] {
            let read = Mutex(Data())
            try await site.storage.read(name, from: Int64(offset)) { piece in read.withLock { $0 += piece } }
            #expect(read.withLock { $0 } == bytes.dropFirst(offset), "from \(offset)")
        }
        for offset in [-1, Int64(bytes.count) + 1] {
            await #expect(throws: ObjectError.self) {
                try await site.storage.read(name, from: offset) { _ in Issue.record("bytes") }
            }
        }
        // Whoever takes the bytes may have enough.
        let pieces = Mutex(0)
        await #expect(throws: ObjectError.cancelled) {
            try await site.storage.read(name, from: 0) { _ throws(ObjectError) in
                pieces.withLock { $0 += 1 }
                throw .cancelled
            }
        }
        #expect(pieces.withLock { $0 } == 1)
    }

    @Test(arguments: Kind.allCases) func whatIsNotThereIsSaid(kind: Kind) async throws {
        let site = try StorageSite(kind)
        let name = try ObjectName("object")
        try await site.storage.put(name, Data("12345".utf8))
        await #expect(throws: ObjectError.notFound(place: site.storage.place, name: "absent")) {
            try await site.storage.read(ObjectName("absent"), from: 0) { _ in }
        }
        let error = await #expect(throws: ObjectError.self) {
            try await site.storage.upload(name, file: site.folder.file("absent"), sha256: "") { _ in }
        }
        #expect("\(error!)".contains(site.folder.file("absent")))
        #expect(try await site.storage.get(name, limit: 5) == Data("12345".utf8))
    }

    @Test(arguments: Kind.allCases) func readersSeeAllOfTheOldOrAllOfTheNew(kind: Kind) async throws {
        let site = try StorageSite(kind)
        let storage = site.storage
        let name = try ObjectName("shared/object")
        let versions = (0..<20).map { Data(repeating: UInt8($0), count: 100_000 + 1000 * $0) }
        try await storage.put(name, versions[0])
        try await withThrowingTaskGroup { group in
            group.addTask { for version in versions { try await storage.put(name, version) } }
            for _ in 0..<2 {
                group.addTask {
                    for _ in 0..<20 {
                        let bytes = try await storage.get(name, limit: 1 << 20)
                        #expect(bytes == versions[Int(try #require(bytes.first))])
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await storage.list("").map(\.name) == [name])
    }
}

extension ObjectStorage {
    /// Of bytes as they are in the file.
    func upload(_ name: ObjectName, file: String, progress: @escaping @Sendable (Int64) -> Void) async throws {
        let sum = Hex.text(SHA256.hash(data: try Data(contentsOf: URL(fileURLWithPath: file))))
        try await upload(name, file: file, sha256: sum, progress: progress)
    }

    /// - Parameter came: also has the bytes where the reading fails.
    func bytes(_ name: ObjectName, from offset: Int64, came: Came = Came()) async throws -> Data {
        try await read(name, from: offset) { piece in came.bytes.withLock { $0 += piece } }
        return came.bytes.withLock { $0 }
    }
}

/// What of an object came.
final class Came: Sendable {
    let bytes = Mutex(Data())
}
