import ArgumentParser
import HadalConfiguration
import HadalJSON
import HadalReplicas
import HadalStore

extension Models {
    struct Replicate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Copy models to their replicas.",
            discussion: """
                Only what is missing there is sent, and every file is hashed on its way. Cut off anywhere, the same
                command goes on with the next file. Exits with 1 where a model is in too few places.

                Examples:
                  hadal models replicate
                  hadal models replicate r1 --json
                  hadal models replicate --to /mnt/models/hadal --to s3://models/hadal
                  hadal models replicate --rewrite
                """)

        @Argument(help: "Names or tags. Default: all models of the store.") var models: [String] = []
        @Option(
            help: ArgumentHelp(
                "A directory or s3://BUCKET[/PREFIX], in place of store.replicas; may be given more than once. Then "
                    + "each model goes to all of them.", valueName: "place"))
        var to: [String] = []
        @Flag(
            help: ArgumentHelp(
                "Write copies anew that lie there in another form than the place is to have (compression, encryption), and "
                    + "remove the old ones."))
        var rewrite = false
        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var data: DataOption
        @OptionGroup var store: StoreOption

        func run() async throws {
            let settings = try data.settings()
            let store = try await store.modelStore.opened(settings)
            let places = try settings.requireReplicas(to, option: "--to PLACE")
            let manifests = try models.isEmpty ? store.manifests() : models.map { try store.require($0) }
            let replication = ModelReplication(
                store: store, places: places, copies: to.isEmpty ? settings.store.copies : nil, rewrites: rewrite)
            let results = await replication.run(manifests)
            if json {
                print(JSON.array(results.map(ModelReplication.json)).text)
            } else {
                for line in results.flatMap(replication.lines) { print(line) }
            }
            if !results.allSatisfy(\.isEnough) { throw ExitCode.failure }
        }
    }
}
