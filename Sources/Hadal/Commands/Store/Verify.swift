import ArgumentParser
import HadalJSON
import HadalStore

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read the store's models again, and say what is damaged.",
        discussion: """
            Each file's SHA-256 is computed and compared. What is damaged is marked, so that hadal pull fetches it,
            and only it, again. Exits with 1 where something is.

            Examples:
              hadal verify
              hadal verify r1 deepseek-ai/DeepSeek-V2-Lite --json
            """)

    @Argument(help: "Names or tags. Default: all models of the store.") var models: [String] = []
    @Flag(help: "Write JSON.") var json = false
    @OptionGroup var store: StoreOption

    func run() throws {
        let store = store.modelStore
        let manifests = try models.isEmpty ? store.manifests() : models.map { try store.require($0) }
        let total = manifests.reduce(0) { $0 + $1.byteCount }
        let bar = ByteBar("verifying")
        defer { bar.finish() }
        var done: Int64 = 0
        var known: [BlobDigest: String?] = [:]
        let results = try manifests.map { manifest in
            let damages = try store.verify(manifest, known: &known) { bytes in
                done += bytes
                bar.update(done: done, total: total)
            }
            return (manifest, damages)
        }
        bar.finish()
        if json {
            print(JSON.array(results.map { Self.json($0, $1) }).text)
        } else {
            for (manifest, damages) in results { Self.tell(manifest, damages) }
        }
        if results.contains(where: { !$0.1.isEmpty }) { throw ExitCode.failure }
    }

    private static func tell(_ manifest: Manifest, _ damages: [ModelStore.Damage]) {
        guard !damages.isEmpty else { return print("\(manifest.fullName): whole") }
        print("\(manifest.fullName): damaged")
        for damage in damages { print("  \(damage.path) \(damage.problem)") }
        print("  mend it: \(manifest.pullCommand)")
    }

    private static func json(_ manifest: Manifest, _ damages: [ModelStore.Damage]) -> JSON {
        [
            "name": .string(manifest.name), "commit": .string(manifest.commit), "whole": .bool(damages.isEmpty),
            "damages": .array(damages.map { ["path": .string($0.path.text), "problem": .string($0.problem)] }),
            "mend": damages.isEmpty ? .null : .string(manifest.pullCommand),
        ]
    }
}
