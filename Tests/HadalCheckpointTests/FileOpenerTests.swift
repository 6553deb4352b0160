import Foundation
import HadalCheckpoint
import HadalJSON
import TestSupport
import Testing

/// Encrypted files of models open as the plain ones do.
@Suite struct FileOpenerTests {
    private let directory: TemporaryDirectory
    init() throws { directory = try TemporaryDirectory() }

    /// A GGUF file with the tensors of `Fixtures`, plain and encrypted.
    private func model() throws -> (plain: String, encrypted: String) {
        let plain = directory.file("r1.gguf")
        try Fixtures.writer().write(to: plain)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: plain))
        return (plain, try directory.write(TurnedBits.encrypted(bytes), "r1.gguf.enc"))
    }

    private func same(_ left: Checkpoint, _ right: Checkpoint) -> Bool {
        left.tensorOrder == right.tensorOrder
            && left.tensorOrder.allSatisfy { name in
                left.tensors[name].map { Array($0.data) } == right.tensors[name].map { Array($0.data) }
            }
    }

    @Test("an encrypted file opens as the plain one, and the plain one with keys too")
    func file() throws {
        let (plain, encrypted) = try model()
        let expected = try Checkpoint.open(plain)
        for path in [encrypted, plain] {
            let checkpoint = try Checkpoint.open(path, opener: TurnedBits.opener)
            #expect(same(checkpoint, expected))
            #expect(checkpoint.gguf?.keys == expected.gguf?.keys)
            #expect(checkpoint.path == path && checkpoint.files[0].isInMemory == (path == encrypted))
        }
        // The name says nothing.
        try FileManager.default.moveItem(atPath: encrypted, toPath: directory.file("model"))
        #expect(same(try Checkpoint.open(directory.file("model"), opener: TurnedBits.opener), expected))
    }

    @Test("without keys the error names the file and says what to do")
    func noKeys() throws {
        let (plain, encrypted) = try model()
        let error = try #require(throws: CheckpointError.self) { try Checkpoint.open(encrypted) }
        #expect(error.description.hasPrefix("\(encrypted) is encrypted"))
        #expect(error.description.contains("secrets") && error.description.contains("--config"))
        #expect(throws: Never.self) { try Checkpoint.open(plain) }
    }

    @Test("what is wrong with a file's encryption is told as it is")
    func failure() throws {
        let (_, encrypted) = try model()
        let wrong = CheckpointError.encrypted(file: encrypted, problem: "damaged at byte 7")
        let opener = FileOpener { path throws(CheckpointError) in
            try MappedFile(path: path, byteCount: 1 << 20) { _ throws(CheckpointError) in throw wrong }
        }
        #expect(throws: wrong) { try Checkpoint.open(encrypted, opener: opener) }
    }

    @Test("a directory may have all its files encrypted, or some")
    func directories() throws {
        let plain = directory.url.appendingPathComponent("plain")
        let encrypted = directory.url.appendingPathComponent("encrypted")
        try FileManager.default.createDirectory(at: plain, withIntermediateDirectories: true)
        func write(_ bytes: some Sequence<UInt8>, _ name: String) throws {
            try Data(bytes).write(to: plain.appendingPathComponent(name))
        }
        try write(#"{"model_type":"llama"}"#.utf8, "config.json")
        try write(#"{"temperature":0.5}"#.utf8, "generation_config.json")
        try write(Fixtures.safetensors([("a", "F32", [2], Fixtures.bytes([1, 2]))]), "one.safetensors")
        try write(Fixtures.safetensors([("b", "F32", [1], Fixtures.bytes([3]))]), "two.safetensors")
        try write(
            #"{"weight_map":{"a":"one.safetensors","b":"two.safetensors"}}"#.utf8, "model.safetensors.index.json")
        try TurnedBits.copy(plain, to: encrypted)
        let expected = try Checkpoint.open(plain.path)
        for name in try FileManager.default.contentsOfDirectory(atPath: plain.path).sorted() {
            #expect(FileOpener.firstEncrypted(of: encrypted.path)?.hasSuffix(name) == true)
            let checkpoint = try Checkpoint.open(encrypted.path, opener: TurnedBits.opener)
            #expect(same(checkpoint, expected) && checkpoint.config == expected.config)
            #expect(checkpoint.generationConfig == expected.generationConfig)
            // One file after the other becomes plain.
            let file = encrypted.appendingPathComponent(name)
            try FileManager.default.removeItem(at: file)
            try FileManager.default.copyItem(at: plain.appendingPathComponent(name), to: file)
        }
        #expect(FileOpener.firstEncrypted(of: encrypted.path) == nil)
    }

    @Test("files that need keys are found, also in folders, and nothing else")
    func search() throws {
        let (plain, encrypted) = try model()
        #expect(FileOpener.firstEncrypted(of: plain) == nil)
        #expect(FileOpener.firstEncrypted(of: encrypted) == encrypted)
        #expect(FileOpener.firstEncrypted(of: directory.file("none")) == nil)
        let folder = directory.url.appendingPathComponent("model/1_Pooling")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        #expect(FileOpener.firstEncrypted(of: directory.file("model")) == nil)
        try Data(TurnedBits.encrypted([1])).write(to: folder.appendingPathComponent("config.json"))
        #expect(FileOpener.firstEncrypted(of: directory.file("model"))?.hasSuffix("1_Pooling/config.json") == true)
    }

    @Test("the parts of a split set are found behind the name of an encrypted one")
    func split() throws {
        for number in 0..<2 {
            var writer = GGUFWriter()
            writer.metadata["split.no"] = .uint16(UInt16(number))
            writer.metadata["split.count"] = .uint16(2)
            try writer.add("t\(number)", format: .f32, shape: [1], bytes: Fixtures.bytes([Float(number)]))
            let path = directory.file("part")
            try writer.write(to: path)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            try FileManager.default.removeItem(atPath: path)
            try directory.write(TurnedBits.encrypted(bytes), "m-0000\(number + 1)-of-00002.gguf.enc")
        }
        let checkpoint = try Checkpoint.open(directory.file("m-00001-of-00002.gguf.enc"), opener: TurnedBits.opener)
        #expect(checkpoint.tensorOrder == ["t0", "t1"])
    }

    @Test("a single safetensors file may have a further suffix")
    func safetensors() throws {
        let bytes = Fixtures.safetensors([("a", "F32", [2], Fixtures.bytes([1, 2]))])
        let path = try directory.write(TurnedBits.encrypted(bytes), "x.safetensors.enc")
        let checkpoint = try Checkpoint.open(path, opener: TurnedBits.opener)
        #expect(try checkpoint.tensor("a").dequantized() == [1, 2])
    }
}
