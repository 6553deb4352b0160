import Foundation
import HadalObjects
import HadalStore
import Testing

@testable import HadalReplicas

@Suite(.timeLimit(.minutes(15)))
struct RemovalTests {
    /// Two states of one model.
    private static let name = "deepseek-ai/Tiny"

    private static func add(_ site: ReplicaSite, commit: String) throws -> Manifest {
        try site.add(name, ["config.json": Data(commit.utf8)], commit: commit)
    }

    @Test func severalModelsInDifferentPlacesAreNotRemoved() async throws {
        let site = try ReplicaSite()
        let (one, two) = (try site.replica("one"), try site.replica("two"))
        let first = try Self.add(site, commit: "aaaa")
        _ = try await site.replicate([one])
        let second = try Self.add(site, commit: "bbbb")
        _ = try site.store.remove(first)
        _ = try await site.replicate([two])
        _ = try site.store.remove(second)
        let reference = try ModelReference(Self.name)
        // In two places, and here and there.
        let error = StoreError.severalModels(reference: Self.name, choices: [first.fullName, second.fullName])
        await #expect(throws: error) { _ = try await ModelRemoval(of: reference, site.store, [one, two]) }
        _ = try Self.add(site, commit: "aaaa")
        await #expect(throws: error) { _ = try await ModelRemoval(of: reference, site.store, [two]) }
        #expect(try await one.ids() == [first.id])
        #expect(try await two.ids() == [second.id])

        let exact = try ModelReference(second.fullName)
        let removal = try #require(try await ModelRemoval(of: exact, site.store, [one, two]))
        #expect(removal.here == nil && removal.copies.map(\.replica.place) == [two.place])
        let known = try ModelReference(first.fullName)
        let both = try #require(try await ModelRemoval(of: known, site.store, [one, two]))
        #expect(both.here == first && both.copies.map(\.replica.place) == [one.place])
        #expect(try await ModelRemoval(of: try ModelReference("deepseek-ai/None"), site.store, [one, two]) == nil)
    }

    @Test func whatCannotBeReadIsSaidBeforeAnythingGoes() async throws {
        let site = try ReplicaSite()
        let (one, two) = (try site.replica("one"), try site.replica("two"))
        let model = try Self.add(site, commit: "aaaa")
        _ = try await site.replicate([one, two])
        try await two.storage.put(try ObjectName("manifests/\(model.id).json"), Data("{".utf8))
        let reference = try ModelReference(Self.name)
        await #expect(throws: ReplicaError.self) { _ = try await ModelRemoval(of: reference, site.store, [one, two]) }
        try Data("{".utf8).write(to: URL(fileURLWithPath: site.store.path("manifests", "0123456789abcdef.json")))
        await #expect(throws: StoreError.self) { _ = try await ModelRemoval(of: reference, site.store, [one]) }
        #expect(try await one.ids() == [model.id])
    }
}
