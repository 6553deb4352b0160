import ArgumentParser
import Foundation
import HadalBundle
import HadalJSON
import HadalStore
import HadalTerminal

struct BundleInspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Say what a bundle has, who signed it, and which parts are here.",
        discussion: """
            Exits with 1 where a part is damaged.

            Examples:
              hadal bundle inspect /media/stick/r1.hadal-bundle
              hadal bundle inspect r1.hadal-bundle --verify --json
            """)

    @Argument(help: ArgumentHelp("NAME.hadal-bundle", valueName: "bundle")) var bundle: String
    @Option(help: ArgumentHelp("A public key, or a file of them, that counts as trusted.", valueName: "key"))
    var trust: [String] = []
    @Flag(help: "Read the parts, and compare their checksums.") var verify = false
    @Flag(help: "Write JSON.") var json = false
    @OptionGroup var parts: BundlePartsOption
    @OptionGroup var store: StoreOption

    func run() throws {
        let trusted = try TrustedKeys(of: store.modelStore, and: trust)
        let bar = ByteBar("verifying")
        defer { bar.finish() }
        let inspection = try BundleInspection(bundle, parts: parts.parts, verifies: verify, progress: bar.update)
        bar.finish()
        let isTrusted = inspection.signer.map(trusted.keys.contains) ?? false
        if json { print(object(inspection, isTrusted).text) } else { tell(inspection, isTrusted) }
        let isDamaged = inspection.parts.contains { if case .damaged = $0.state { true } else { false } }
        if isDamaged { throw ExitCode.failure }
    }

    private func tell(_ inspection: BundleInspection, _ isTrusted: Bool) {
        let index = inspection.index
        print("exported \(index.createdAt.formatted(.iso8601))")
        let trust = isTrusted ? "trusted" : "not trusted by this store"
        print(inspection.signer.map { "signed by \($0.fingerprint) (\(trust))" } ?? "not signed")
        print("\(ByteCount.text(index.byteCount)), stored in \(ByteCount.text(index.storedByteCount))")
        let models = index.models.map { model in
            [
                model.manifest.name, String(model.manifest.commit.prefix(12)),
                model.tags.map(\.text).joined(separator: ", "), ByteCount.text(model.manifest.byteCount),
                model.manifest.license.map(ControlFilter.cleanLine) ?? "-",
                ControlFilter.cleanLine(model.manifest.source),
            ]
        }
        print(Table(header: ["MODEL", "COMMIT", "TAGS", "SIZE", "LICENCE", "SOURCE"], rows: models, numbers: [3]).text)
        let parts = inspection.parts.map { [$0.name, ByteCount.text($0.size), Self.text($0.state)] }
        print(Table(header: ["PART", "SIZE", "STATE"], rows: parts, numbers: [1]).text)
    }

    private func object(_ inspection: BundleInspection, _ isTrusted: Bool) -> JSON {
        let index = inspection.index
        return [
            "created": .string(index.createdAt.formatted(.iso8601)),
            "signer": inspection.signer.map { .string($0.text) } ?? .null,
            "fingerprint": inspection.signer.map { .string($0.fingerprint) } ?? .null,
            "trusted": .bool(isTrusted), "size": .int(index.byteCount), "stored": .int(index.storedByteCount),
            "models": .array(
                index.models.map { model in
                    var object = model.manifest.json.object ?? JSON.Object()
                    object["name"] = .string(model.manifest.name)
                    object["size"] = .int(model.manifest.byteCount)
                    object["tags"] = .array(model.tags.map { .string($0.text) })
                    return .object(object)
                }),
            "parts": .array(
                inspection.parts.map { part in
                    var problem: JSON?
                    if case .damaged(let text) = part.state { problem = .string(text) }
                    return .compact([
                        ("name", .string(part.name)), ("size", .int(part.size)),
                        ("state", .string(problem == nil ? Self.text(part.state) : "damaged")), ("problem", problem),
                    ])
                }),
        ]
    }

    private static func text(_ state: BundleInspection.PartState) -> String {
        switch state {
        case .missing: "missing"
        case .present: "here"
        case .intact: "intact"
        case .damaged(let problem): "damaged: \(problem)"
        }
    }
}
