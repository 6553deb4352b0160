import Foundation
import HadalEngine
import HadalStore
import TestSupport
import Testing

/// What a MODEL on the command line stands for.
@Suite(.timeLimit(.minutes(15)))
struct ModelReferenceTests {
    private let folder: TemporaryDirectory
    private let store: ModelStore

    init() throws {
        folder = try TemporaryDirectory()
        store = ModelStore(directory: folder.file("store"))
    }

    /// A model of one file, as a pull leaves it.
    private func add(_ name: String, file: String, text: String, variant: String? = nil) throws -> Manifest {
        let (path, digest) = (try FilePath(file), BlobDigest(of: text))
        let manifest = try Manifest(
            source: "huggingface", repository: name, variant: variant, revision: "main", commit: "c0ffee", license: nil,
            include: [], pulledAt: Date(timeIntervalSince1970: 1000),
            files: [Manifest.File(path: path, size: Int64(text.utf8.count), digest: digest)])
        var claim = Claim(
            id: manifest.id, name: name, commit: "c0ffee", byteCount: manifest.byteCount, blobs: [], partials: ["new"])
        _ = try store.begin(claim)
        try Data(text.utf8).write(to: URL(fileURLWithPath: store.partial("new")))
        try store.enter(store.partial("new"), as: digest, for: &claim)
        try store.enter(manifest)
        return manifest
    }

    @Test func namesAndTagsOfPulledModelsAreTheirFiles() throws {
        let tensors = try add("a/Tensors", file: "model.safetensors", text: "1")
        let quantized = try add("a/Quantized", file: "q-Q4_0.gguf", text: "2", variant: "Q4_0")
        try store.tag(quantized, ModelTag("small"), moves: false)
        #expect(try ModelFiles.resolve("a/Tensors", store: store) == store.view(tensors))
        for name in ["a/Quantized", "a/Quantized:Q4_0", "a/Quantized@main", "small"] {
            let path = try ModelFiles.resolve(name, store: store)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "2")
            #expect(path.hasSuffix("/q-Q4_0.gguf"))
        }
        #expect(ModelFiles.name(of: store.entry(tensors)) == "Tensors")
    }

    @Test func aPathComesBeforeATag() throws {
        let model = try add("a/b", file: "model.safetensors", text: "1")
        let path = try folder.write([1], "here")
        try store.tag(model, ModelTag("here"), moves: false)
        #expect(try ModelFiles.resolve(path, store: store) == path)
        #expect(try ModelFiles.resolve("here", store: store) == store.view(model))
    }

    @Test func whatLooksLikeARepositoryCanBePulled() {
        let error = #expect(throws: EngineError.self) { try ModelFiles.resolve("deep/None:Q4_0", store: store) }
        #expect("\(error!)".contains("hadal pull deep/None:Q4_0"))
        let other = #expect(throws: EngineError.self) { try ModelFiles.resolve("./none.gguf", store: store) }
        #expect(!"\(other!)".contains("hadal pull"))
    }

    @Test func severalVariantsAreAsked() throws {
        _ = try add("a/b", file: "m-Q4_0.gguf", text: "1", variant: "Q4_0")
        _ = try add("a/b", file: "m-Q8_0.gguf", text: "2", variant: "Q8_0")
        let error = #expect(throws: EngineError.self) { try ModelFiles.resolve("a/b", store: store) }
        #expect("\(error!)".contains("a/b:Q4_0, a/b:Q8_0"))
    }
}
