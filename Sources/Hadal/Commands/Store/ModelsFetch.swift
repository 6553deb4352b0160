import ArgumentParser
import HadalConfiguration
import HadalJSON
import HadalReplicas
import HadalStore

extension Models {
    struct Fetch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Bring models from a replica into the store.",
            discussion: """
                For a new machine, or one that was lost. Every file is checked by its SHA-256; one that is damaged in
                the place comes from another replica that is configured. Cut off anywhere, the same command goes on
                where it was.

                Examples:
                  hadal models fetch --from s3://models/hadal
                  hadal models fetch deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B --from /mnt/models/hadal
                """)

        @Argument(help: "OWNER/NAME[:VARIANT][@REVISION]. Default: all models that are there.")
        var models: [String] = []
        @Option(
            help: ArgumentHelp(
                "A directory or s3://BUCKET[/PREFIX]. Default: the first of store.replicas that can be reached.",
                valueName: "place"))
        var from: String?
        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var data: DataOption
        @OptionGroup var store: StoreOption

        func run() async throws {
            let (store, settings) = (store.modelStore, try data.settings().store)
            let replicas = try replicas(settings)
            let retrieval = Retrieval(store: store, replicas: replicas)
            let (manifests, problems) = try await retrieval.find(models)
            for problem in problems { Notes.write("\(problem)") }
            let bar = ByteBar("fetching")
            defer { bar.finish() }
            let results = try await retrieval.run(manifests, progress: bar.update)
            bar.finish()
            if json {
                print(JSON.array(results.map { Self.json($0, store) }).text)
            } else {
                for result in results {
                    let fetched = result.fetchedBytes
                    print(
                        "\(result.manifest.fullName): "
                            + (fetched == 0 ? "was there already" : "\(ByteCount.text(fetched)) fetched"))
                }
                if results.isEmpty { print("there are no models in \(replicas[0].place)") }
            }
            if !problems.isEmpty { throw ExitCode.failure }
        }

        /// The one that is meant, and then those that may help out.
        private func replicas(_ settings: StoreSettings) throws -> [Replica] {
            let places = try settings.requirePlaces(from.map { [$0] } ?? [], option: "--from PLACE")
            guard from != nil else {
                let opened = places.openedNoting()
                if opened.isEmpty { throw CommandFailure("no replica can be reached") }
                return opened
            }
            let (replicas, problems) = places.opened()
            if let problem = problems.first { throw problem }
            return replicas + settings.places.opened().replicas.filter { $0.place != replicas[0].place }
        }

        private static func json(_ result: Retrieval.Result, _ store: ModelStore) -> JSON {
            [
                "name": .string(result.manifest.name), "commit": .string(result.manifest.commit),
                "path": .string(store.entry(result.manifest)), "fetched": .int(result.fetchedBytes),
            ]
        }
    }
}
