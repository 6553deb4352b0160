import ArgumentParser
import HadalJSON
import HadalStore

extension Models {
    struct Encrypt: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Encrypt the files of models in the store.",
            discussion: """
                Under the key for models, which the key service holds (docs/data-at-rest.md). Names, tags and links stay;
                every command and the server read them as before, with that configuration. Workers that have a model open
                keep what they have (and the room on the disk) until they end. A file that another model has too is encrypted for both. With 'store.encryption:
                true' what comes in later is encrypted too.

                Examples:
                  hadal models encrypt r1 --config /etc/hadal/hadal.yaml
                  hadal models encrypt --json
                """)

        @Argument(help: "Names or tags. Default: all models of the store.") var models: [String] = []
        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var secrets: Secrets.Options
        @OptionGroup var store: StoreOption

        func run() async throws {
            let store = store.modelStore
            let manifests = try models.isEmpty ? store.manifests() : models.map { try store.require($0) }
            let opened = store.opened(with: try await secrets.openKeys(), encrypts: true)
            try Rewriting.run(manifests, "encrypting", json: json) { try opened.encrypt($0, progress: $1) }
        }
    }

    struct Decrypt: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have the files of models lie in plain again.",
            discussion: """
                Examples:
                  hadal models decrypt r1 --config /etc/hadal/hadal.yaml
                """)

        @Argument(help: "Names or tags.") var models: [String]
        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var secrets: Secrets.Options
        @OptionGroup var store: StoreOption

        func run() async throws {
            let store = store.modelStore
            let manifests = try models.map { try store.require($0) }
            let opened = store.opened(with: try await secrets.openKeys(), encrypts: false)
            try Rewriting.run(manifests, "decrypting", json: json) {
                try opened.decrypt($0, besides: manifests, progress: $1)
            }
        }
    }
}

/// Files of models that are written in another form, one model after the other.
private enum Rewriting {
    static func run(
        _ manifests: [Manifest], _ what: String, json: Bool,
        _ rewrite: (Manifest, (Int64) throws -> Void) throws -> Int64
    ) throws {
        let bar = ByteBar(what)
        defer { bar.finish() }
        let total = manifests.reduce(0) { $0 + $1.byteCount }
        var (done, problems): (Int64, [String]) = (0, [])
        var results: [(manifest: Manifest, bytes: Int64)] = []
        for manifest in manifests {
            do {
                let bytes = try rewrite(manifest) { count in
                    done += count
                    bar.update(done: min(done, total), total: total)
                }
                results.append((manifest, bytes))
            } catch let error as StoreError { problems.append("\(manifest.fullName): \(error)") }
        }
        bar.finish()
        if json {
            let models = results.map { result -> JSON in
                [
                    "name": .string(result.manifest.name), "commit": .string(result.manifest.commit),
                    "rewritten": .int(result.bytes),
                ]
            }
            print(JSON.array(models).text)
        } else {
            for (manifest, bytes) in results {
                print("\(manifest.fullName): " + (bytes == 0 ? "nothing to do" : "\(ByteCount.text(bytes)) rewritten"))
            }
            if manifests.isEmpty { print("there are no models in the store") }
        }
        for problem in problems { Notes.write(problem) }
        if !problems.isEmpty { throw ExitCode.failure }
    }
}
