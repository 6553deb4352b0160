import Foundation
import HadalCheckpoint
import HadalJSON
import TestSupport
import Testing

/// Files made to break a reader: from the shared collection, and every one a fuzzer ever crashed us with.
@Suite struct HostileFileTests {
    static let list = SharedData.file("security/malformed/manifest.jsonl")

    @Test(
        "each malformed file gets the verdict of its format's reference",
        .enabled(if: list != nil, "needs ../shared/data"))
    func manifest() throws {
        let manifest = try #require(Self.list)
        var cases = 0
        for line in try String(contentsOf: manifest, encoding: .utf8).split(separator: "\n") {
            let entry = try JSON(parsing: String(line))
            let (file, expect) = (try #require(entry["file"]?.string), try #require(entry["expect"]?.string))
            let path = manifest.deletingLastPathComponent().appendingPathComponent(file).path
            cases += 1
            do throws(CheckpointError) {
                let checkpoint = try Checkpoint.open(path)
                #expect(expect != "reject", "\(file) was accepted")
                for tensor in checkpoint.tensors.values { _ = tensor.dequantized() }
            } catch {
                #expect(expect != "accept", "\(error)")
                #expect(error.description.contains(path))
            }
        }
        #expect(cases >= 100)
    }

    @Test("inputs that crashed a parser once", arguments: ["gguf", "safetensors", "json"])
    func crashes(kind: String) throws {
        let corpus = SharedData.repository.appendingPathComponent("Fuzz/Corpus/\(kind)")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: corpus.path)) ?? []
        #expect(!names.isEmpty, "Fuzz/Corpus/\(kind) has at least its seeds")
        for name in names.sorted() {
            let bytes = [UInt8](try Data(contentsOf: corpus.appendingPathComponent(name)))
            Fuzzing.run(kind, MappedFile(copying: bytes))
        }
    }
}
