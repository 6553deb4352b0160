import ArgumentParser
import HadalConfiguration
import HadalReplicas
import HadalStore

extension Models {
    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rm",
            abstract: "Remove a model, or a tag, or what a pull that was cut off has fetched.",
            discussion: """
                Files that another model has stay. A tag is taken away alone; its model is removed by its name. Where
                there are several states of a model, the commit says which (OWNER/NAME@COMMIT). What replicas have
                stays, unless --replicas says otherwise; then it is the same model everywhere, or nothing is removed.

                Examples:
                  hadal models rm deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B
                  hadal models rm deepseek-ai/DeepSeek-V2-Lite@604d5664 --replicas
                  hadal models rm r1
                """)

        @Argument(help: "OWNER/NAME[:VARIANT][@REVISION], or a tag.") var model: String
        @Flag(help: "Remove the model from its replicas too.") var replicas = false
        @OptionGroup var data: DataOption
        @OptionGroup var store: StoreOption

        func run() async throws {
            let store = store.modelStore
            if let tag = try? ModelTag(model) {
                guard try store.untag(tag) else {
                    throw StoreError.noModel(reference: model, store: store.directory)
                }
                return print("\(tag) is no tag any more; its model stays")
            }
            let reference = try ModelReference(model)
            guard replicas, let removal = try await removal(of: reference, store) else {
                return tell(try store.remove(named: reference))
            }
            // First: where that fails the model here still names it.
            for (replica, manifest) in removal.copies {
                let freed = try await replica.remove(manifest)
                print("\(manifest.fullName) removed from \(replica.place); \(ByteCount.text(freed)) are free there")
            }
            if let manifest = removal.here { tell(try store.remove(manifest)) }
        }

        private func removal(of reference: ModelReference, _ store: ModelStore) async throws -> ModelRemoval? {
            let settings = try data.settings()
            let (opened, problems) = try await settings.requireReplicas([], option: "no --replicas").opened(for: store)
            if let problem = problems.first { throw problem }
            return try await ModelRemoval(of: reference, store, opened)
        }

        private func tell(_ removal: ModelStore.Removal) {
            for tag in removal.tags { print("its tag \(tag) is gone too") }
            print("\(removal.name) removed; \(ByteCount.text(removal.freed)) are free now")
        }
    }
}
