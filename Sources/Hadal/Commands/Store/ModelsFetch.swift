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
                "A directory or s3://BUCKET[/PREFIX]. Default: the first of store.replicas that has the models.",
                valueName: "place"))
        var from: String?
        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var data: DataOption
        @OptionGroup var store: StoreOption

        func run() async throws {
            let settings = try data.settings()
            let store = try await store.modelStore.opened(settings)
            let (sources, helpers) = try await replicas(settings, store)
            let found = try await Retrieval(store: store, replicas: sources).find(models)
            for problem in found.away + found.problems { Notes.write("\(problem)") }
            let bar = ByteBar("fetching")
            defer { bar.finish() }
            let results = try await Retrieval(store: store, replicas: sources + helpers)
                .run(found.manifests, progress: bar.update)
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
                if results.isEmpty { print("there are no models in \(found.place)") }
            }
            if !found.problems.isEmpty { throw ExitCode.failure }
        }

        /// - Returns: those of which the first that has the models says what there is, and those that may help out.
        private func replicas(
            _ settings: HadalSettings, _ store: ModelStore
        ) async throws -> (sources: [Replica], helpers: [Replica]) {
            let places = try settings.requireReplicas(from.map { [$0] } ?? [], option: "--from PLACE")
            guard from != nil else {
                let opened = await places.openedNoting(for: store)
                if opened.isEmpty { throw CommandFailure("no replica can be reached") }
                return (opened, [])
            }
            let (replicas, problems) = await places.opened(for: store)
            if let problem = problems.first { throw problem }
            let others = await settings.replicaPlaces.opened(for: store).replicas
            return (replicas, others.filter { $0.place != replicas[0].place })
        }

        private static func json(_ result: Retrieval.Result, _ store: ModelStore) -> JSON {
            [
                "name": .string(result.manifest.name), "commit": .string(result.manifest.commit),
                "path": .string(store.entry(result.manifest)), "fetched": .int(result.fetchedBytes),
            ]
        }
    }
}
