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
                stays, unless --replicas says otherwise.

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
            // First: what is only there cannot be named by what is here.
            let isThere = replicas ? try await removeReplicas(of: reference) : false
            do throws(StoreError) {
                let removal = try store.remove(named: reference)
                for tag in removal.tags { print("its tag \(tag) is gone too") }
                print("\(removal.name) removed; \(ByteCount.text(removal.freed)) are free now")
            } catch {
                guard case .noModel = error, isThere else { throw error }
            }
        }

        /// - Returns: whether one had it.
        private func removeReplicas(of reference: ModelReference) async throws -> Bool {
            let settings = try data.settings().store
            let (opened, problems) = try settings.requirePlaces([], option: "no --replicas").opened()
            if let problem = problems.first { throw problem }
            var removals: [(replica: Replica, manifest: Manifest)] = []
            for replica in opened {
                let found = try await replica.manifests().manifests.filter { $0.matches(reference) }
                if found.count > 1 {
                    throw StoreError.severalModels(reference: "\(reference)", choices: found.map(\.fullName))
                }
                removals += found.map { (replica, $0) }
            }
            for (replica, manifest) in removals {
                let freed = try await replica.remove(manifest)
                print("\(manifest.fullName) removed from \(replica.place); \(ByteCount.text(freed)) are free there")
            }
            return !removals.isEmpty
        }
    }
}
