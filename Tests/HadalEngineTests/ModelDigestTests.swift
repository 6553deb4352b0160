import Crypto
import Foundation
import HadalCheckpoint
import HadalEngine
import TestSupport
import Testing

/// What pins a model: the content of its files, and nothing else.
@Suite struct ModelDigestTests {
    private let directory: TemporaryDirectory
    private let bytes: Data

    init() throws {
        directory = try TemporaryDirectory()
        let path = try TinyModel.write()
        defer { try? FileManager.default.removeItem(atPath: path) }
        bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    }

    private func digest(_ path: String, opener: FileOpener = .plain) throws -> String {
        try ModelDigest(of: Checkpoint.open(path, opener: opener)).compute().digest
    }

    private func sum(_ bytes: some DataProtocol) -> String {
        SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
    }

    @Test func aFilesDigestIsItsSHA256UnderEveryName() throws {
        #expect(try digest(try directory.write(bytes, "a.gguf")) == sum(bytes))
        #expect(try digest(try directory.write(bytes, "b.gguf")) == sum(bytes))
    }

    @Test func anEncryptedCopyHasTheSameDigest() throws {
        let path = try directory.write(TurnedBits.encrypted(bytes), "a.gguf.enc")
        #expect(try digest(path, opener: TurnedBits.opener) == sum(bytes))
        // In pieces, as files are read that are larger than memory.
        let opener = FileOpener(decryption: { path throws(CheckpointError) in try TurnedBits.opener.open(path) }) {
            path throws(CheckpointError) in
            let whole = try TurnedBits.opener.open(path)
            return FileContent(byteCount: whole.bytes.count) { body in
                for start in stride(from: 0, to: whole.bytes.count, by: 1000) {
                    body(
                        UnsafeRawBufferPointer(
                            rebasing: whole.bytes[start..<min(start + 1000, whole.bytes.count)]))
                }
            }
        }
        #expect(try digest(path, opener: opener) == sum(bytes))
    }

    @Test func aTurnedBitInAWeightChangesIt() throws {
        var changed = bytes
        changed[changed.count - 100] ^= 1
        #expect(try digest(try directory.write(changed, "a.gguf")) != sum(bytes))
    }

    @Test func itIsOfTheFilesThatWereOpened() throws {
        let path = try directory.write(bytes, "a.gguf")
        let opened = try ModelDigest(of: Checkpoint.open(path))
        #expect(opened.byteCount == bytes.count)
        var changed = bytes
        changed[changed.count - 100] ^= 1
        let other = try directory.write(changed, "b.gguf")
        #expect(rename(other, path) == 0)
        var last = 0.0
        #expect(try opened.compute { last = $0 }.digest == sum(bytes))
        #expect(last == 1)
    }

    @Test func aDirectorysDigestIsOfAllThatDecidesItsAnswers() throws {
        let model = directory.file("model")
        try FileManager.default.createDirectory(atPath: model, withIntermediateDirectories: true)
        let files = [
            ("chat_template.jinja", Data("{{ messages }}".utf8)), ("config.json", Data("{}".utf8)),
            ("generation_config.json", Data("{}".utf8)), ("model.gguf", bytes), ("tokenizer.json", Data("{}".utf8)),
            ("tokenizer_config.json", Data("{}".utf8)),
        ]
        for (name, content) in files { try directory.write(content, "model/" + name) }
        // As sha256sum writes it.
        let lines = files.map { "\(sum($0.1))  \($0.0)\n" }.joined()
        let digest = try self.digest(model)
        #expect(digest == sum(Data(lines.utf8)))
        #expect(try self.digest(model + "/") == digest)
        try directory.write(Data("any".utf8), "model/README.md")
        #expect(try self.digest(model) == digest)
        for (name, content) in files where name != "model.gguf" {
            try directory.write(content + Data(" ".utf8), "model/" + name)
            #expect(try self.digest(model) != digest, "\(name)")
            try directory.write(content, "model/" + name)
        }
        try FileManager.default.removeItem(atPath: model + "/chat_template.jinja")
        #expect(try self.digest(model) != digest)
    }
}
