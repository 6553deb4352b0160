import ArgumentParser
import Foundation
import HadalConfiguration
import HadalJSON
import HadalPlan
import HadalPull
import HadalReplicas
import HadalStore
import HadalTerminal

struct Pull: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Fetch a model from Hugging Face, ModelScope or a mirror into the store.",
        discussion: """
            Fetches what is needed to run it: safetensors with configuration, tokenizer and template, or one GGUF
            model of a repository (REPO:Q4_K_M). Every file is checked by its size and checksum. Cut off anywhere, the
            same command goes on where it was; a damaged model (hadal verify) is mended. Wherever a MODEL stands, its
            name then works. Exits with 1 also where it is here, and in too few of the replicas that are configured.

            HF_ENDPOINT names a mirror, HF_TOKEN opens gated models (MODELSCOPE_API_TOKEN at ModelScope), HTTPS_PROXY
            and NO_PROXY are heeded. docs/models.md says more.

            Examples:
              hadal pull deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B --tag r1
              hadal pull deepseek-ai/DeepSeek-V2-Lite@main --from modelscope
              hadal pull unsloth/DeepSeek-R1-Distill-Qwen-7B-GGUF:Q4_K_M
              hadal pull OWNER/NAME --include '*Q8_0*' --from https://hub.example.org
            """)

    @Argument(help: ArgumentHelp("OWNER/NAME[:VARIANT][@REVISION]", valueName: "model")) var reference: String
    @Option(help: ArgumentHelp("huggingface, modelscope, or a mirror's address.", valueName: "source"))
    var from = "huggingface"
    @Option(
        help: ArgumentHelp(
            "Weights to take, by their paths or names; may be given more than once.", valueName: "pattern"))
    var include: [String] = []
    @Option(help: "A short name to give it.") var tag: String?
    @Option(help: "Requests at once.") var connections = 4
    @Flag(help: "Leave it out of the replicas that are configured (hadal models replicate copies it later).")
    var noReplicate = false
    @Flag(help: "Write JSON.") var json = false
    @OptionGroup var data: DataOption
    @OptionGroup var store: StoreOption

    func validate() throws {
        guard (1...32).contains(connections) else { throw ValidationError("--connections is from 1 to 32") }
    }

    func run() async throws {
        let (reference, tag) = (try ModelReference(reference), try tag.map(ModelTag.init))
        let source = try ModelSource(from, environment: ProcessInfo.processInfo.environment)
        var settings = PullSettings()
        settings.connections = connections
        let configured = try data.settings()
        let store = try await store.modelStore.opened(configured)
        let replication = noReplicate ? nil : ModelReplication(configured, store)
        let digests = try configured.store.modelCatalogue().find(reference.repository)?.fileDigests() ?? [:]
        let bar = ByteBar(reference.name)
        defer { bar.finish() }
        let result = try await ModelPull(store: store, source: source, settings: settings, digests: digests)
            .run(reference, include: include) { bar.update(done: $0.done, total: $0.total) }
        bar.finish()
        if let tag { try store.tag(result.manifest, tag, moves: true) }
        let copied = await replication?.run([result.manifest]).first
        tell(result, store, tag, copied)
        if let replication, let copied, !json {
            for line in replication.lines(copied) { print(line) }
        }
        if let copied, !copied.isEnough { throw ExitCode.failure }
    }

    private func tell(
        _ result: ModelPull.Result, _ store: ModelStore, _ tag: ModelTag?, _ copied: Replication.Result?
    ) {
        let manifest = result.manifest
        if json {
            var object = manifest.json.object ?? JSON.Object()
            object["path"] = .string(store.entry(manifest))
            object["fetched"] = .int(result.fetchedBytes)
            object["unchecked"] = .array(result.unchecked.map { .string($0.text) })
            if let copied { object["replication"] = ModelReplication.json(copied) }
            return print(JSON.object(object).text)
        }
        let fetched = result.fetchedBytes == 0 ? "was there already" : "\(ByteCount.text(result.fetchedBytes)) fetched"
        print("\(manifest.fullName): \(ByteCount.text(manifest.byteCount)), \(fetched)")
        print("licence: \(manifest.license.map(ControlFilter.cleanLine) ?? "the source names none; see its page")")
        if !result.unchecked.isEmpty {
            print("the server gave no checksum for \(result.unchecked.map(\.text).joined(separator: ", "))")
        }
        let place = self.store.store == nil ? "" : "HADAL_STORE=\(store.directory) "
        print("try it: \(place)hadal chat \(tag?.text ?? manifest.name)")
    }
}
