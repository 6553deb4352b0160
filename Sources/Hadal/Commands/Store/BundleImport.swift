import ArgumentParser
import Foundation
import HadalBundle
import HadalConfiguration
import HadalJSON
import HadalReplicas
import HadalStore
import HadalTerminal

struct BundleImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take a bundle's models into the store.",
        discussion: """
            The signature is checked first, then each part, then each file. Parts that are not here are named, and
            those that are here taken: the same command goes on with the next stick, or after it was cut off. Exits
            with 1 while parts are missing, and where a model is in too few of the replicas that are configured. What
            the store has already is not needed.

            Whom you trust always can stand in STORE/trusted-keys, a public key on each line.

            Examples:
              hadal bundle import /media/stick/r1.hadal-bundle --trust exporter.key.pub
              hadal bundle import r1.hadal-bundle --parts /media/one --parts /media/two
              hadal bundle import r1.hadal-bundle --trust 'hadal-ed25519 3q2+7w…' --json
            """)

    @Argument(help: ArgumentHelp("NAME.hadal-bundle", valueName: "bundle")) var bundle: String
    @Option(
        help: ArgumentHelp(
            "A public key, or a file of them, of who may have signed it; may be given more than once.",
            valueName: "key"))
    var trust: [String] = []
    @Flag(help: "Take it although nobody signed it.") var unsigned = false
    @Flag(help: "Take its tags from other models that have them.") var moveTags = false
    @Flag(help: "Leave its models out of the replicas that are configured (hadal models replicate copies them later).")
    var noReplicate = false
    @Flag(help: "Write JSON.") var json = false
    @OptionGroup var parts: BundlePartsOption
    @OptionGroup var data: DataOption
    @OptionGroup var store: StoreOption

    func run() async throws {
        let settings = try data.settings()
        let store = try await store.modelStore.opened(settings)
        let replication = noReplicate ? nil : ModelReplication(settings, store)
        let bars = StepBars()
        defer { bars.finish() }
        let result = try BundleImport(
            store: store, trusted: try TrustedKeys(of: store, and: trust), takesUnsigned: unsigned
        ).run(bundle, parts: parts.parts, movesTags: moveTags, progress: bars.update)
        bars.finish()
        let copied = await replication?.run(result.entered + result.present) ?? []
        if json { print(object(result, store, copied).text) } else { tell(result) }
        if let replication, !json {
            for line in copied.flatMap(replication.lines) { print(line) }
        }
        if !result.missingParts.isEmpty || !copied.allSatisfy(\.isEnough) { throw ExitCode.failure }
    }

    private func tell(_ result: BundleImport.Result) {
        print(result.signer.map { "signed by \($0.fingerprint)" } ?? "not signed")
        for manifest in result.present { print("\(manifest.fullName): was there already") }
        for manifest in result.entered {
            print("\(manifest.fullName): \(ByteCount.text(manifest.byteCount))")
            print("licence: \(manifest.license.map(ControlFilter.cleanLine) ?? "the source names none; see its page")")
        }
        for (tag, manifest) in result.tags { print("\(tag) is \(manifest.fullName)") }
        for tag in result.takenTags { print("the tag \(tag) stays with another model; --move-tags moves it") }
        if result.missingParts.isEmpty { return }
        for manifest in result.unfinished { print("\(manifest.fullName): unfinished") }
        print("still needed: \(result.missingParts.joined(separator: ", "))")
        print("put them beside the index, or say where they are (--parts DIR), and run the same command again")
    }

    private func object(
        _ result: BundleImport.Result, _ store: ModelStore, _ copied: [Replication.Result]
    ) -> JSON {
        func models(_ manifests: [Manifest], _ state: String) -> [JSON] {
            manifests.map {
                [
                    "name": .string($0.name), "commit": .string($0.commit), "state": .string(state),
                    "path": .string(store.entry($0)),
                ]
            }
        }
        return [
            "models": .array(
                models(result.entered, "entered") + models(result.present, "present")
                    + models(result.unfinished, "unfinished")),
            "missing": .array(result.missingParts.map(JSON.string)), "taken": .int(result.takenBytes),
            "tags": .array(result.tags.map { .string($0.tag.text) }),
            "takenTags": .array(result.takenTags.map { .string($0.text) }),
            "signer": result.signer.map { .string($0.text) } ?? .null,
            "replication": .array(copied.map(ModelReplication.json)),
        ]
    }
}

/// A bar for each step, one after the other.
private final class StepBars {
    private var step: BundleImport.Step?
    private var bar: ByteBar?

    func update(_ step: BundleImport.Step, done: Int64, total: Int64) {
        if step != self.step {
            finish()
            switch step {
            case .checking(let part): bar = ByteBar("checking \(part)")
            case .taking(let part): bar = ByteBar("taking \(part)")
            }
            self.step = step
        }
        bar?.update(done: done, total: total)
    }

    func finish() { bar?.finish() }
}
