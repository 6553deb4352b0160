import ArgumentParser
import Foundation
import HadalBundle
import HadalJSON
import HadalStore

struct BundleExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write models of the store as a bundle.",
        discussion: """
            Every file is in it once, and is checked while it is read. Parts have 4 GiB less a byte, which a FAT32 stick
            takes, or what --split says. --compress (zstd) pays for weights in 16 bits or more; files that do not
            shrink stay as they are.

            Examples:
              hadal bundle export r1 --to /media/stick --key exporter.key
              hadal bundle export deepseek-ai/DeepSeek-V2-Lite r1 --to out --name both --split 700MB --key exporter.key
              hadal bundle export r1 --to /media/stick --compress --unsigned
            """)

    @Argument(help: ArgumentHelp("Names or tags of pulled models.", valueName: "model")) var models: [String]
    @Option(help: ArgumentHelp("The directory to write to.", valueName: "dir")) var to: String
    @Option(help: ArgumentHelp("What the files are called. Default: the first model's name.", valueName: "name"))
    var name: String?
    @Option(help: ArgumentHelp("The most bytes of a part: 4GB, 700MiB.", valueName: "size")) var split: String?
    @Flag(help: "Compress what shrinks.") var compress = false
    @Option(help: ArgumentHelp("The private key that signs it (hadal bundle keygen).", valueName: "file"))
    var key: String?
    @Flag(help: "Sign nothing; who takes it has to say --unsigned too.") var unsigned = false
    @Flag(help: "Write JSON.") var json = false
    @OptionGroup var data: DataOption
    @OptionGroup var store: StoreOption

    /// Smaller ones would be thousands of files.
    private static let splitMin: Int64 = 1_000_000

    func validate() throws {
        if unsigned == (key != nil) { throw ValidationError("give either --key FILE or --unsigned") }
        _ = try partBytesMax
    }

    private var partBytesMax: Int64 {
        get throws {
            guard let split else { return BundleExport.fat32BytesMax }
            guard let bytes = ByteCount.bytes(split), bytes >= Self.splitMin else {
                throw ValidationError("--split is a size from 1MB on: 4GB, 700MiB")
            }
            return bytes
        }
    }

    func run() async throws {
        let key = try key.map { try PrivateKey(file: $0) }
        let store = try await store.modelStore.opened(data.settings())
        let manifests = try models.map { try store.require($0) }
        let bar = ByteBar("exporting")
        defer { bar.finish() }
        let result = try BundleExport(
            store: store, to: to, partBytesMax: try partBytesMax, compresses: compress, key: key
        ).run(manifests, name: name, progress: bar.update)
        bar.finish()
        let index = result.index
        if json {
            let object: JSON = [
                "path": .string(result.path), "models": .array(index.models.map { .string($0.manifest.fullName) }),
                "size": .int(index.byteCount), "stored": .int(index.storedByteCount),
                "parts": .int(Int64(index.parts.count)), "signer": result.signer.map { .string($0.text) } ?? .null,
            ]
            return print(object.text)
        }
        for model in index.models { print(model.manifest.fullName) }
        print("\(result.path): \(index.parts.count) parts, \(ByteCount.text(index.storedByteCount)) \(saving(index))")
        print(result.signer.map { "signed by \($0.fingerprint)" } ?? "not signed")
    }

    private func saving(_ index: BundleIndex) -> String {
        let saved = index.byteCount - index.storedByteCount
        guard compress, saved > 0 else { return "for \(ByteCount.text(index.byteCount))" }
        return "instead of \(ByteCount.text(index.byteCount)) (\(saved * 100 / index.byteCount) % saved)"
    }
}
