import Testing

@testable import HadalConfiguration

/// `store.replicas`: places alone, or with how copies are to lie there.
@Suite struct ReplicaSettingTests {
    private static func replicas(_ text: String, _ environment: [String: String] = [:]) throws -> [ReplicaSettings] {
        try load(text, environment: environment).settings.store.replicas
    }

    @Test func aPlaceMayStandAlone() throws {
        let list = try Self.replicas(
            """
            secrets: {service: passphrase, passphrase_file: /run/secrets/passphrase}
            store:
              replicas:
                - /mnt/disk2
                - {place: s3://models/hadal, compression: zstd, compression_level: 9, encryption: true}
            """)
        #expect(list.map(\.place) == ["/mnt/disk2", "s3://models/hadal"])
        #expect(list.map(\.compression) == [.none, .zstd] && list.map(\.compressionLevel) == [3, 9])
        #expect(list.map(\.encryption) == [false, true])
        #expect(try Self.replicas("store: {replicas: /mnt/disk2}\n").map(\.place) == ["/mnt/disk2"])
        let variable = ["HADAL_STORE_REPLICAS": "/mnt/a,s3://models"]
        #expect(try Self.replicas("", variable).map(\.place) == ["/mnt/a", "s3://models"])
        let groups = ["HADAL_STORE_REPLICAS": "[/mnt/a, {place: /mnt/b, compression: zstd}]"]
        #expect(try Self.replicas("", groups).map(\.compression) == [.none, .zstd])
    }

    @Test(arguments: [
        ("store: {replicas: [{compression: zstd}]}\n", "store.replicas[0].place"),
        ("store: {replicas: [{place: /a, encryption: true}]}\n", "store.replicas[0].encryption"),
        ("store: {replicas: [{place: /a, compression: gzip}]}\n", "store.replicas[0].compression"),
        ("store: {replicas: [{place: /a, compression_level: 22}]}\n", "store.replicas[0].compression_level"),
        ("store: {replicas: [/a, {place: /a}]}\n", "store.replicas[1]"),
        ("store: {replicas: {place: /a}}\n", "store.replicas"),
    ])
    func whatIsWrongIsToldWithItsPlace(text: String, path: String) throws {
        let error = try #require(throws: ConfigurationError.self) { _ = try Self.replicas(text) }
        #expect(error.problems.map(\.path) == [path])
    }
}
