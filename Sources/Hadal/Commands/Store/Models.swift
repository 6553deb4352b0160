import ArgumentParser
import Foundation
import HadalConfiguration
import HadalJSON
import HadalReplicas
import HadalStore
import HadalTerminal

struct Models: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, tag, copy, encrypt and remove the models in the store.",
        discussion: """
            Examples:
              hadal models
              hadal models list --json
              hadal models tag deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B r1
              hadal models catalogue
              hadal models replicate r1
              hadal models encrypt r1
              hadal models rm r1
            """,
        subcommands: [
            List.self, Catalogue.self, Digests.self, Tag.self, Replicate.self, Fetch.self, Encrypt.self, Decrypt.self,
            Remove.self,
        ],
        defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the models, and pulls that were cut off.",
            discussion: """
                Sizes are those of all files of a model; what two models share lies on the disk once. Where replicas are
                configured, COPIES says in how many places a model is, this store among them.

                Examples:
                  hadal models list
                  hadal models list --json --store /srv/models
                """)

        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var data: DataOption
        @OptionGroup var store: StoreOption

        func run() async throws {
            let (store, settings) = (store.modelStore, try data.settings())
            let (manifests, problems) = try store.readable()
            let copies = settings.store.replicas.isEmpty ? nil : await settings.replicaPlaces.listing(for: store)
            let tags = Dictionary(grouping: try store.tags(), by: \.id).mapValues { $0.map(\.tag.text) }
            let claims = try store.claims()
            if json {
                let models = try manifests.map { try Self.json($0, tags[$0.id] ?? [], store, copies) }
                print(JSON.array(models + claims.map(Self.json)).text)
            } else {
                var rows = try manifests.map { try Self.row($0, tags[$0.id] ?? [], store) } + claims.map(Self.row)
                var header = ["MODEL", "COMMIT", "TAGS", "SIZE", "LICENCE", "PULLED", "STATE"]
                if let copies {
                    header.append("COPIES")
                    for (index, manifest) in manifests.enumerated() {
                        rows[index].append("\(copies.places(of: manifest).count + 1) of \(settings.store.copies)")
                    }
                    for index in manifests.count..<rows.count { rows[index].append("-") }
                }
                print(Table(header: header, rows: rows, numbers: [3]).text)
            }
            for problem in problems { Notes.write("\(problem.error)") }
            for problem in copies?.problems ?? [] { Notes.write("not counted: \(problem)") }
        }

        private static func state(_ manifest: Manifest, _ store: ModelStore) throws -> String {
            if try store.isDamaged(manifest) { return "damaged" }
            if try store.isEncrypted(manifest) { return "whole, encrypted" }
            return try store.needsKeys(manifest) ? "whole, partly encrypted" : "whole"
        }

        private static func row(_ manifest: Manifest, _ tags: [String], _ store: ModelStore) throws -> [String] {
            [
                manifest.name, String(manifest.commit.prefix(12)), tags.joined(separator: ", "),
                ByteCount.text(manifest.byteCount), manifest.license ?? "-",
                manifest.pulledAt.formatted(.iso8601.year().month().day()), try state(manifest, store),
            ]
        }

        private static func row(_ claim: Claim) -> [String] {
            [claim.name, String(claim.commit.prefix(12)), "", ByteCount.text(claim.byteCount), "-", "-", "unfinished"]
        }

        private static func json(
            _ manifest: Manifest, _ tags: [String], _ store: ModelStore, _ copies: ReplicaListing?
        ) throws -> JSON {
            var object = manifest.json.object ?? JSON.Object()
            object["name"] = .string(manifest.name)
            object["size"] = .int(manifest.byteCount)
            object["tags"] = .array(tags.map(JSON.string))
            object["path"] = .string(store.entry(manifest))
            object["state"] = .string(try store.isDamaged(manifest) ? "damaged" : "whole")
            object["encrypted"] = .bool(try store.isEncrypted(manifest))
            if let copies { object["replicas"] = .array(copies.places(of: manifest).map(JSON.string)) }
            return .object(object)
        }

        private static func json(_ claim: Claim) -> JSON {
            [
                "name": .string(claim.name), "commit": .string(claim.commit), "size": .int(claim.byteCount),
                "state": "unfinished",
            ]
        }
    }

    struct Tag: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a model a short name.",
            discussion: """
                Examples:
                  hadal models tag deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B r1
                  hadal models tag deepseek-ai/DeepSeek-V2-Lite@604d5664 chat:stable --move
                """)

        @Argument(help: "OWNER/NAME[:VARIANT][@REVISION], or a tag.") var model: String
        @Argument(help: "NAME or NAME:NAME.") var tag: String
        @Flag(help: "Take it from another model that has it.") var move = false
        @OptionGroup var store: StoreOption

        func run() throws {
            let (store, tag) = (store.modelStore, try ModelTag(tag))
            let manifest = try store.require(model)
            try store.tag(manifest, tag, moves: move)
            print("\(tag) is \(manifest.fullName)")
        }
    }
}
