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

    /// What the kernel says of the mapping that an address lies in.
    private func flags(of address: UnsafeRawPointer) throws -> [Substring] {
        // The kernel gives a page of text at a time.
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/self/smaps"))
        var data = Data()
        while let piece = try file.read(upToCount: 1 << 16), !piece.isEmpty { data += piece }
        var isHere = false
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
            if let match = line.wholeMatch(of: /([0-9a-f]+)-([0-9a-f]+) .*/) {
                let bounds = [match.1, match.2].compactMap { UInt($0, radix: 16) }
                isHere = (bounds[0]..<bounds[1]).contains(UInt(bitPattern: address))
            }
            if isHere, line.hasPrefix("VmFlags:") { return line.split(separator: " ") }
        }
        return []
    }

    @Test("memory that was filled stays as it is, and out of core dumps")
    func memory() throws {
        let count = 5_000_000
        let file = try MappedFile(path: "secret", byteCount: count) { memory in
            for index in 0..<count { memory[index] = UInt8(truncatingIfNeeded: index) }
        }
        // Its pages are nowhere else.
        file.advise(.dontNeed)
        #expect(file.bytes.indices.allSatisfy { file.bytes[$0] == UInt8(truncatingIfNeeded: $0) })
        let flags = try flags(of: try #require(file.bytes.baseAddress))
        // dd: not dumped; wr: can be written.
        #expect(flags.contains("dd") && !flags.contains("wr"), "\(flags)")
        #expect(file.path == "secret" && file.isInMemory)
        #expect(try MappedFile(path: "empty", byteCount: 0) { _ in }.bytes.isEmpty)
        let wrong = CheckpointError.encrypted(file: "x", problem: "y")
        #expect(throws: wrong) {
            try MappedFile(path: "x", byteCount: 10) { _ throws(CheckpointError) in throw wrong }
        }
    }

    @Test("a tensor that is detached does not keep a whole file in memory")
    func detached() throws {
        weak var file: MappedFile?
        func tensor() throws -> Tensor {
            let values: [Float] = [9, 1, 2, 3]
            let whole = try MappedFile(path: "x", byteCount: 16) { memory in
                values.withUnsafeBytes { memory.copyMemory(from: $0) }
            }
            file = whole
            let data = UnsafeRawBufferPointer(rebasing: whole.bytes[4...])
            return try Tensor(name: "t", format: .f32, shape: [3], data: data, file: whole).detached()
        }
        let tensor = try tensor()
        #expect(file == nil)
        #expect(tensor.dequantized() == [1, 2, 3] && tensor.name == "t")
        #expect(try tensor.detached().file === tensor.file)
    }
}
