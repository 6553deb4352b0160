import Crypto
import Foundation
import HadalObjects
import TestSupport
import Testing

/// SIGKILL to processes that write to a directory.
@Suite(.timeLimit(.minutes(15)))
struct KillTests {
    @Test(arguments: 0..<20) func aWriterThatIsKilledLeavesNoHalfObject(seed: Int) async throws {
        var random = SplitMix(state: UInt64(seed))
        let folder = try TemporaryDirectory()
        let storage = try DirectoryStorage(folder.path)
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program).deletingLastPathComponent().appending(path: "ObjectProbe")
        process.arguments = [folder.path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()

        let writes = Int.random(in: 1...12, using: &random)
        for _ in 0..<writes {
            _ = try #require(try output.fileHandleForReading.read(upToCount: 1))
            try await Self.expectWholeObjects(storage)
        }
        // Somewhere within the next write.
        for _ in 0..<Int.random(in: 0..<2_000_000, using: &random) { _ = random.next() }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal)
        let count = try await Self.expectWholeObjects(storage)
        #expect(count > 0)

        // Whoever comes next writes over it.
        for object in try await storage.list("") { try await storage.put(object.name, Data()) }
        #expect(try await storage.list("").allSatisfy { $0.size == 0 })
    }

    /// - Returns: how many there are.
    @discardableResult
    private static func expectWholeObjects(_ storage: DirectoryStorage) async throws -> Int {
        let objects = try await storage.list("")
        for object in objects {
            #expect(!object.name.text.contains("~"))
            let bytes = try await storage.get(object.name, limit: 1 << 20)
            #expect(bytes.suffix(32) == Data(SHA256.hash(data: bytes.dropLast(32))), "\(object.name)")
        }
        return objects.count
    }
}
