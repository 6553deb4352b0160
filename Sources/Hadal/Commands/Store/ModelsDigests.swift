import ArgumentParser
import Foundation
import HadalConfiguration
import HadalJSON
import HadalPlan
import HadalPull
import HadalStore

extension Models {
    struct Digests: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write down what files models consist of, for a catalogue that pulls are held to.",
            discussion: """
                Asks the source for the SHA-256 of each model's files, fetches none of them, and writes a file for
                store.catalogue. From then on hadal pull takes no other files, whatever a hub or a mirror says: ask
                once where you trust the answer, read it, keep it under version control.

                Examples:
                  hadal models digests > catalogue.yaml
                  hadal models digests deepseek-ai/DeepSeek-V2-Lite deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B
                  hadal models digests --from modelscope --json
                """)

        @Argument(help: "Names of the catalogue, or OWNER/NAME[:VARIANT][@REVISION]. Default: all of the catalogue.")
        var models: [String] = []
        @Option(help: ArgumentHelp("huggingface, modelscope, or a mirror's address.", valueName: "source"))
        var from = "huggingface"
        @Flag(help: "Write JSON; store.catalogue takes it too.") var json = false
        @OptionGroup var data: DataOption

        func run() async throws {
            let catalogue = try data.settings().store.modelCatalogue()
            let references = try (models.isEmpty ? catalogue.entries.map(\.repository) : models).map {
                try Self.reference($0, catalogue)
            }
            let source = try ModelSource(from, environment: ProcessInfo.processInfo.environment)
            let pull = ModelPull(store: ModelStore(), source: source)
            var entries: [(repository: String, stated: ModelPull.Stated)] = []
            for reference in references {
                do { entries.append((reference.repository, try await pull.stated(reference))) } catch {
                    Notes.write("\(reference.repository): \(error)")
                }
            }
            print(json ? Self.json(entries).text : Self.yaml(entries))
            if entries.count < references.count { throw ExitCode.failure }
        }

        /// A file for `store.catalogue` has to say more of a model that nobody knows than its files.
        private static func reference(_ text: String, _ catalogue: ModelCatalogue) throws -> ModelReference {
            if let model = catalogue.find(text) { return try ModelReference(model.repository) }
            guard let reference = try? ModelReference(text), catalogue.find(reference.repository) != nil else {
                throw CommandFailure(
                    "the catalogue has no \(text.prefix(200)): hadal models catalogue lists what it has, and store.catalogue adds to it"
                )
            }
            return reference
        }

        private static func files(_ stated: ModelPull.Stated) -> [(key: FilePath, value: BlobDigest)] {
            stated.digests.sorted { $0.key.text < $1.key.text }
        }

        private static func json(_ entries: [(repository: String, stated: ModelPull.Stated)]) -> JSON {
            let models = entries.map { entry -> JSON in
                let files = files(entry.stated).map { ($0.key.text, JSON.string($0.value.hex)) }
                return ["repository": .string(entry.repository), "files": .object(JSON.Object(files))]
            }
            return ["models": .array(models)]
        }

        private static func yaml(_ entries: [(repository: String, stated: ModelPull.Stated)]) -> String {
            let models = entries.map { entry in
                let files = files(entry.stated).map { "      \(JSON.string($0.key.text).text): \($0.value.hex)" }
                return (["  - repository: \(entry.repository)   # \(entry.stated.commit)", "    files:"] + files)
                    .joined(separator: "\n")
            }
            return (["models:"] + models).joined(separator: "\n")
        }
    }
}
