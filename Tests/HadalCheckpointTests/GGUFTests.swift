import Foundation
import HadalCheckpoint
import TestSupport
import Testing

@Suite struct GGUFTests {
    let directory: TemporaryDirectory
    init() throws { directory = try TemporaryDirectory() }

    @Test("what was written is read again, metadata of every kind included")
    func roundTrip() throws {
        let path = directory.file("model.gguf")
        try Fixtures.writer().write(to: path)
        let file = try GGUFFile.open(path: path)
        #expect(file.version == 3)
        #expect(file.tensors.map(\.name) == ["a", "b", "c"])
        #expect(file.tensors.map(\.shape) == [[2, 3], [2, 32], [2]])
        #expect(file.tensors[0].dequantized() == [1, 2, 3, 4, 5, 6])
        #expect(file.tensors[2].dequantized() == [1, -2])
        #expect(file.tensors.allSatisfy { $0.fileOffset % 32 == 0 })
        let metadata = file.metadata
        #expect(metadata.keys.first == "general.architecture")
        #expect(metadata.keys.count == 15)
        #expect(metadata.string("general.architecture") == "llama")
        #expect(metadata.int("a.uint8") == 200 && metadata.int("a.int8") == -3)
        #expect(metadata.int("a.uint16") == 60_000 && metadata.int("a.int16") == -30_000)
        #expect(metadata.int("a.uint32") == 4_000_000_000 && metadata.int("a.int32") == -2_000_000_000)
        #expect(metadata.int("a.uint64") == nil && metadata.double("a.uint64") == 0x1p64)
        #expect(metadata.int("a.int64") == .min)
        #expect(metadata.double("a.float32") == 0.5 && metadata.double("a.float64") == 1e-300)
        #expect(metadata.bool("a.bool") == true && metadata.int("a.bool") == nil)
        #expect(metadata.strings("tokenizer.ggml.tokens") == ["<s>", "", "深度", "求索"])
        #expect(metadata.floats("tokenizer.ggml.scores") == [0, -1, -2.5, 3])
        #expect(metadata.ints("tokenizer.ggml.token_type") == [3, 1, 1, -1])
        #expect(metadata.ints("tokenizer.ggml.scores") == nil && metadata.string("absent") == nil)
    }

    @Test("a tensor is written in pieces, and never more or less than it has")
    func pieces() throws {
        let path = directory.file("model.gguf")
        func write(_ pieces: Int) throws {
            var writer = GGUFWriter(alignment: 64)
            try writer.add("big", format: .u8Like, shape: [3, 1 << 20]) { emit in
                let piece = [UInt8](repeating: 7, count: 1 << 20)
                for _ in 0..<pieces { try piece.withUnsafeBytes(emit) }
            }
            try writer.add("small", format: .f32, shape: [1], bytes: [0, 0, 128, 63])
            try writer.write(to: path)
        }
        try write(3)
        let file = try GGUFFile.open(path: path)
        #expect(file.metadata.int("general.alignment") == 64)
        #expect(file.tensors[0].data.allSatisfy { $0 == 7 })
        #expect(file.tensors[1].dequantized() == [1])
        #expect(throws: CheckpointError.self) { try write(2) }
        #expect(throws: CheckpointError.self) { try write(4) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.url.path) == ["model.gguf"])
        #expect(throws: CheckpointError.self) {
            try Fixtures.writer().write(to: directory.file("absent/model.gguf"))
        }
    }

    @Test("a file cut anywhere is an error with the file's name, never a crash")
    func truncation() throws {
        let path = directory.file("model.gguf")
        try Fixtures.writer().write(to: path)
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        // The last tensor has 4 bytes; what follows is padding.
        let needed = try #require(try GGUFFile.open(path: path).tensors.last).fileOffset + 4
        for length in 0..<needed {
            let cut = try directory.write(Array(whole[..<length]), "cut.gguf")
            let error = try #require(throws: CheckpointError.self) { try Checkpoint.open(cut) }
            #expect(error.description.hasPrefix(cut))
        }
    }

    @Test("no byte, set to anything, crashes the parser")
    func corruption() throws {
        let path = directory.file("model.gguf")
        try Fixtures.writer().write(to: path)
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        for index in 0..<whole.count {
            for value: UInt8 in [0, 1, 0x7F, 0x80, 0xFF] where whole[index] != value {
                var bytes = whole
                bytes[index] = value
                let file = try? GGUFFile.parse(MappedFile(copying: bytes))
                for tensor in file?.tensors ?? [] { _ = tensor.dequantized() }
                for key in file?.metadata.keys ?? [] { _ = file?.metadata[key]?.array?.strings }
            }
        }
    }

    @Test("the parts of a split set are one checkpoint")
    func split() throws {
        func part(_ number: Int, of count: Int, _ tensor: String, no: Int? = nil, total: Int32 = 3) throws {
            var writer = GGUFWriter()
            writer.metadata["split.no"] = .uint16(UInt16(no ?? number))
            writer.metadata["split.count"] = .uint16(UInt16(count))
            writer.metadata["split.tensors.count"] = .int32(total)
            try writer.add(tensor, format: .f32, shape: [1], bytes: Fixtures.bytes([Float(number)]))
            try writer.write(to: directory.file("m-0000\(number + 1)-of-0000\(count).gguf"))
        }
        for number in 0..<3 { try part(number, of: 3, "t\(number)") }
        let first = directory.file("m-00001-of-00003.gguf")
        let checkpoint = try Checkpoint.open(first)
        #expect(checkpoint.tensorOrder == ["t0", "t1", "t2"])
        #expect(try checkpoint.tensor("t2").dequantized() == [2])
        #expect(checkpoint.files.count == 3)

        let later = try #require(throws: CheckpointError.self) {
            try Checkpoint.open(directory.file("m-00002-of-00003.gguf"))
        }
        #expect("\(later)".contains("open the first part"))
        try part(2, of: 3, "t1")
        #expect(throws: CheckpointError.self) { try Checkpoint.open(first) }  // the same tensor twice
        try part(2, of: 3, "t2", no: 1)
        #expect(throws: CheckpointError.self) { try Checkpoint.open(first) }  // another part's number
        try FileManager.default.removeItem(atPath: directory.file("m-00003-of-00003.gguf"))
        #expect(throws: CheckpointError.self) { try Checkpoint.open(first) }  // a part is missing
        try part(2, of: 3, "t2")
        try part(0, of: 3, "t0", total: 4)
        #expect(throws: CheckpointError.self) { try Checkpoint.open(first) }  // a wrong total
    }

    @Test("overlapping tensors are refused by name")
    func overlap() throws {
        let path = directory.file("model.gguf")
        try Fixtures.writer().write(to: path)
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        // "b": name length and name, 2 dimensions, type; then the offset, 32, becomes 0.
        let pattern = Fixtures.littleEndian(UInt64(1)) + Array("b".utf8) + Fixtures.littleEndian(UInt32(2))
        let place = try #require(bytes.firstRange(of: pattern)).upperBound + 16 + 4
        #expect(bytes[place] == 32)
        bytes[place] = 0
        let error = try #require(throws: CheckpointError.self) {
            try GGUFFile.open(path: try directory.write(bytes, "overlap.gguf"))
        }
        #expect("\(error)".contains("\"b\"") && "\(error)".contains("overlaps \"a\""))
    }

    @Test("real files open, vocabulary alone included", .enabled(if: SharedData.root != nil, "needs ../shared/data"))
    func realFiles() throws {
        let vocabularies = try #require(SharedData.file("tokenizers/gguf-vocab"))
        for name in try FileManager.default.contentsOfDirectory(atPath: vocabularies.path)
        where name.hasSuffix(".gguf") {
            let checkpoint = try Checkpoint.open(vocabularies.appendingPathComponent(name).path)
            #expect(checkpoint.tensors.isEmpty)
            #expect(try #require(checkpoint.gguf?.strings("tokenizer.ggml.tokens")).count > 20_000)
        }
        let quantized = try #require(SharedData.file("weights/stories260K/stories260K-Q8_0.gguf"))
        let plain = try #require(SharedData.file("weights/stories260K/stories260K.gguf"))
        let (one, other) = (try Checkpoint.open(quantized.path), try Checkpoint.open(plain.path))
        #expect(Set(one.tensorOrder).isSubset(of: other.tensorOrder))
        for name in one.tensorOrder {
            let (approximate, exact) = (try one.tensor(name).dequantized(), try other.tensor(name).dequantized())
            let largest = exact.map(abs).max() ?? 0
            #expect(zip(approximate, exact).allSatisfy { abs($0 - $1) <= largest / 127 }, "\(name)")
        }
    }
}

extension TensorFormat {
    /// One byte a value, which GGUF files have only signed.
    fileprivate static var u8Like: TensorFormat { .i8 }
}
