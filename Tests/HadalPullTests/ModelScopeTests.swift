import Crypto
import Foundation
import HadalJSON
import HadalStore
import NIOHTTP1
import Testing

@testable import HadalPull

@Suite(.timeLimit(.minutes(15)))
struct ModelScopeTests {
    @Test func aModelComesFromModelScope() async throws {
        let repository = Content.model()
        let files: [JSON] =
            [["Path": "figures", "Type": "tree", "Size": 0, "Revision": "r0"]]
            + repository.files.keys.sorted().map { path in
                [
                    "Path": .string(path), "Type": "blob", "Size": .int(Int64(repository.files[path]!.count)),
                    "Sha256": .string(BlobDigest(SHA256.hash(data: repository.files[path]!)).hex), "Revision": "r1",
                ]
            }
        let listing: JSON = ["Code": 200, "Success": true, "Data": ["Files": .array(files)]]
        let server = try await HTTPStub { request in
            let start = "/api/v1/models/\(FakeHub.repository)"
            switch request.path {
            case start + "/repo/files?Revision=master&Recursive=true": return HTTPStub.text(200, listing.text)
            case start + "?Revision=master": return HTTPStub.text(200, #"{"Data":{"License":"MIT License"}}"#)
            default: break
            }
            let file = start + "/repo?Revision=r1&FilePath="
            guard request.path.hasPrefix(file),
                let bytes = repository.files[String(request.path.dropFirst(file.count)).removingPercentEncoding ?? ""]
            else { return HTTPStub.text(404, #"{"Message":"not there"}"#) }
            return FakeHub.content(bytes, request)
        }
        let site = try PullSite()
        let source = ModelSource(modelScope: server.url, token: "ms-1")
        let pull = ModelPull(store: site.store, source: source, settings: site.settings())
        let manifest = try await pull.run(try ModelReference(FakeHub.repository)).manifest
        #expect(Set(manifest.files.map(\.path.text)) == Content.wanted)
        #expect(manifest.license == "MIT License")
        #expect(manifest.source == "modelscope")
        #expect(server.requests.allSatisfy { $0.headers.first(name: "Cookie") == "m_session_id=ms-1" })
        for file in manifest.files {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: site.store.view(manifest) + "/" + file.path.text))
            #expect(Array(bytes) == repository.files[file.path.text])
        }
        #expect(try await pull.run(try ModelReference(FakeHub.repository)).fetchedBytes == 0)
    }
}
