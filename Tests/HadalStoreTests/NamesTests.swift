import Foundation
import HadalJSON
import Testing

@testable import HadalStore

@Suite(.timeLimit(.minutes(15)))
struct NamesTests {
    @Test func referencesAreReadAndWritten() throws {
        for text in ["deepseek-ai/DeepSeek-R1", "a/b:Q4_K_M", "a/b@main", "a/b:Q8_0@refs/pr/3", "a/b@v1.0"] {
            #expect(try ModelReference(text).description == text)
        }
        #expect(try ModelReference("a/b:Q4@x").name == "b")
    }

    @Test(arguments: [
        "", "a", "a/b/c", "/a/b", "../b", "a/..", "a/b:", "a/b@", "a/b@../x", "-a/b", "a/.b", "a/b c", "a\u{0}/b",
        "ä/b",
        "a/b:x/y", "a/b@x y", "a/" + String(repeating: "x", count: 200),
    ])
    func whatIsNoReferenceIsRefused(text: String) {
        #expect(throws: StoreError.self) { try ModelReference(text) }
    }

    @Test(arguments: ["", "guide", "a/b", "..", ".x", "a:b:c", "a:", "-x", "a b", "a\n"])
    func whatIsNoTagIsRefused(text: String) {
        #expect(throws: StoreError.self) { try ModelTag(text) }
    }

    @Test(arguments: [
        "", "/x", "../x", "../\u{301}x", "x\u{600}/../\u{301}y", "/\u{301}x", "x/../y", "x/./y", "x//y", "x/", ".",
        "..", "a\u{0}b", "a\nb", "a\\b", "\u{202E}x",
        String(repeating: "x", count: 256), String(repeating: "xy/", count: 400) + "z",
    ])
    func pathsThatLeadOutAreRefused(text: String) {
        #expect(throws: StoreError.self) { try FilePath(text) }
    }

    @Test func tagsNameModelsUntilTheyAreMoved() throws {
        let site = try StoreSite()
        let (one, two) = (try site.add("a/one", ["x": "1"]), try site.add("a/two", ["x": "2"]))
        let tag = try ModelTag("r1:7b")
        try site.store.tag(one, tag, moves: false)
        #expect(try site.store.find("r1:7b") == one)
        #expect(throws: StoreError.tagTaken(tag: "r1:7b", by: one.fullName)) {
            try site.store.tag(two, tag, moves: false)
        }
        try site.store.tag(two, tag, moves: true)
        #expect(try site.store.find("r1:7b") == two)
        #expect(try site.store.tags().map(\.tag) == [tag])
        #expect(try site.store.untag(tag))
        #expect(try !site.store.untag(tag))
        #expect(try site.store.find("r1:7b") == nil)
    }

    @Test func theNewestStateIsMeantAndOthersCanBeNamed() throws {
        let site = try StoreSite()
        let old = try site.add("a/b", ["x": "1"], commit: "aaaa1111", at: 1000)
        let new = try site.add("a/b", ["x": "2"], commit: "bbbb2222", at: 2000)
        #expect(try site.store.find("a/b") == new)
        #expect(try site.store.find("a/b@aaaa") == old)
        #expect(try site.store.find("a/b@main") == new)
        #expect(try site.store.find("a/b@aaa") == nil)
        #expect(try site.store.find("A/b") == nil)
    }

    @Test func variantsAreToldApart() throws {
        let site = try StoreSite()
        let small = try site.add("a/b", ["m-Q4_0.gguf": "1"], variant: "Q4_0")
        #expect(try site.store.find("a/b") == small)
        #expect(site.store.entry(small) == site.store.view(small) + "/m-Q4_0.gguf")
        let large = try site.add(
            "a/b", ["q8/m-00001-of-00002.gguf": "1", "q8/m-00002-of-00002.gguf": "2"], variant: "Q8_0")
        #expect(try site.store.find("a/b:q8_0") == large)
        #expect(site.store.entry(large) == site.store.view(large) + "/q8/m-00001-of-00002.gguf")
        #expect(throws: StoreError.severalModels(reference: "a/b", choices: ["a/b:Q4_0", "a/b:Q8_0"])) {
            try site.store.find("a/b")
        }
    }

    // MARK: manifests

    private func manifest() throws -> Manifest {
        let digest = BlobDigest(of: "x")
        return try Manifest(
            source: "huggingface", repository: "a/b", variant: "Q4", revision: "main", commit: "c0ffee", license: "mit",
            include: ["*x*"], pulledAt: Date(timeIntervalSince1970: 1_700_000_000.5),
            files: [
                Manifest.File(path: FilePath("d/x"), size: 3, digest: digest),
                Manifest.File(path: FilePath("a"), size: 1 << 40, digest: digest),
            ])
    }

    @Test func manifestsAreReadAsTheyWereWritten() throws {
        let manifest = try manifest()
        #expect(try Manifest(JSON(parsing: manifest.json.text), file: "x") == manifest)
        #expect(manifest.files.map(\.path.text) == ["a", "d/x"])
    }

    /// Each a good manifest but for one thing.
    @Test(arguments: [
        (#""path":"a""#, #""path":"../a""#), (#""path":"a""#, #""path":"/a""#), (#""path":"a""#, #""path":"d/x""#),
        (#""path":"a""#, #""path":"d""#), (#""path":"a""#, #""path":"a\u0000""#), (#""size":3"#, #""size":-3"#),
        (#""size":3"#, #""size":9000000000000000000"#), (#""size":3"#, #""size":"3""#),
        (#""sha256":"2d"#, #""sha256":"../"#),
        (#""repository":"a/b""#, #""repository":"../../b""#), (#""repository":"a/b""#, #""repository":"a""#),
        (#""commit":"c0ffee""#, #""commit":"../c""#), (#""variant":"Q4""#, #""variant":"../Q""#),
        (#""format":1"#, #""format":2"#), (#""format":1"#, #""form":1"#), (#""pulledAt":"2"#, #""pulledAt":"x"#),
    ])
    func hostileManifestsAreRefused(good: String, bad: String) throws {
        let text = try manifest().json.text.replacing(" ", with: "")
        #expect(text.contains(good))
        let json = try JSON(parsing: text.replacing(good, with: bad, maxReplacements: 1))
        let error = #expect(throws: StoreError.self) { try Manifest(json, file: "m.json") }
        #expect("\(try #require(error))".hasPrefix("m.json"))
    }

    @Test func aManifestUnderAnotherNameIsRefused() throws {
        let site = try StoreSite()
        let model = try site.add("a/b", ["x": "1"])
        let folder = site.store.directory + "/manifests/"
        try FileManager.default.moveItem(atPath: folder + model.id + ".json", toPath: folder + "0123456789abcdef.json")
        #expect(throws: StoreError.self) { try site.store.manifests() }
    }

    @Test func sizesAreReadable() {
        let texts = [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1_449_999, "1.4 MB"), (688_000_000_000, "688 GB")]
        for (count, text) in texts { #expect(ByteCount.text(Int64(count)) == text) }
    }

    @Test func numbersOfBytesAreRead() {
        let sizes: [(String, Int64?)] = [
            ("0", 0), ("17", 17), ("17B", 17), ("4GB", 4_000_000_000), ("4 GiB", 1 << 32), ("700mb", 700_000_000),
            ("1KiB", 1024), ("2TB", 2_000_000_000_000), ("", nil), ("4G", nil), ("iB", nil), ("1iB", nil),
            ("-1", nil), ("1.5GB", nil), ("99999999TB", nil), ("99999999999999999999", nil),
        ]
        for (text, bytes) in sizes { #expect(ByteCount.bytes(text) == bytes, "\(text)") }
    }
}
