import Foundation
import HadalCheckpoint
import TestSupport
import Testing

@Suite struct MappedFileTests {
    let directory: TemporaryDirectory
    init() throws { directory = try TemporaryDirectory() }

    @Test("a file's bytes are there, an empty file's are none")
    func bytes() throws {
        let content = [UInt8]((0..<10_000).map { UInt8($0 % 251) })
        let file = try MappedFile(path: try directory.write(content, "file"))
        #expect(Array(file.bytes) == content)
        #expect(try MappedFile(path: try directory.write([], "empty")).bytes.isEmpty)
        #expect(throws: CheckpointError.self) { try Checkpoint.open(directory.file("empty")) }
    }

    @Test("hints never fail, whatever part they are for")
    func hints() throws {
        let file = try MappedFile(path: try directory.write([UInt8](repeating: 1, count: 100_000), "file"))
        let memory = MappedFile(copying: [1, 2, 3])
        for access: MappedFile.Access in [.normal, .sequential, .random, .willNeed, .dontNeed] {
            file.advise(access)
            file.advise(access, for: UnsafeRawBufferPointer(rebasing: file.bytes[5_000..<60_001]))
            file.advise(access, for: memory.bytes)
            memory.advise(access)
        }
        #expect(file.bytes.allSatisfy { $0 == 1 })
    }

    @Test("what is no regular file is refused at once", arguments: ["/dev/zero", "/tmp", "/absent"])
    func notAFile(path: String) {
        #expect(throws: CheckpointError.self) { try MappedFile(path: path) }
    }

    @Test("a tensor keeps its file mapped")
    func lifetime() throws {
        func tensor() throws -> Tensor {
            try Fixtures.writer().write(to: directory.file("m.gguf"))
            return try Checkpoint.open(directory.file("m.gguf")).tensor("a")
        }
        let tensor = try tensor()
        try FileManager.default.removeItem(atPath: directory.file("m.gguf"))
        #expect(tensor.dequantized() == [1, 2, 3, 4, 5, 6])
    }
}
