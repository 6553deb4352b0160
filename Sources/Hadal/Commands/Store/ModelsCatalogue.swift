import ArgumentParser
import HadalConfiguration
import HadalEngine
import HadalJSON
import HadalPlan
import HadalStore
import HadalTerminal

extension Models {
    struct Catalogue: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List DeepSeek's published models, and what this machine can run.",
            discussion: """
                DISK is the size of the files as they are published. HERE is the format with the most bits in which the
                model fits this machine's memory, for one conversation of 4096 tokens; hadal plan NAME says more. A file
                can add models (store.catalogue).

                Examples:
                  hadal models catalogue
                  hadal models catalogue --json
                """)

        @Flag(help: "Write JSON; with sizes in each format, and the digests that are known.") var json = false
        @OptionGroup var data: DataOption

        func run() throws {
            let entries = try data.settings().store.modelCatalogue().entries
            if json { return print(JSON.array(try entries.map(Self.json)).text) }
            let rows = try entries.map(Self.row)
            let header = [
                "NAME", "REPOSITORY", "PARAMETERS", "CONTEXT", "DISK", "LICENCE", "TEMPERATURE", "TOP_P", "HERE",
            ]
            print(Table(header: header, rows: rows, numbers: [2, 3, 4, 6, 7]).text)
        }

        private static func here(_ model: CatalogueModel) -> String? {
            let settings = PlanSettings(predictsFromLayers: SpeculationOptions().predictorLayersMin)
            return model.format(fitting: MemoryStatus.total, settings: settings)
        }

        private static func row(_ model: CatalogueModel) throws -> [String] {
            let published = model.hasShape ? try PlannedModel(model) : nil
            let size = published.map { "\(ByteCount.text(Int64($0.weights.storedBytes))) \($0.format)" }
            return [
                model.name, model.repository, "\(model.billions)B", model.context.map { "\($0)" } ?? "-", size ?? "-",
                model.license ?? "-", model.sampling?.temperature.map { "\($0)" } ?? "-",
                model.sampling?.topP.map { "\($0)" } ?? "-", here(model) ?? "-",
            ]
        }

        private static func json(_ model: CatalogueModel) throws -> JSON {
            let sizes = model.hasShape ? try model.storedBytes() : []
            return .compact([
                ("name", .string(model.name)), ("repository", .string(model.repository)),
                ("parameters", .double(model.billions * 1e9)), ("context", model.context.map { .int(Int64($0)) }),
                ("license", model.license.map(JSON.string)),
                ("temperature", model.sampling?.temperature.map(JSON.double)),
                ("top_p", model.sampling?.topP.map(JSON.double)),
                ("sizes", .object(JSON.Object(sizes.map { ($0.format, .int(Int64($0.bytes))) }))),
                (
                    "files",
                    model.digests.isEmpty
                        ? nil
                        : .object(
                            JSON.Object(model.digests.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
                ), ("revision", model.digestsRevision.map(JSON.string)),
                ("fitsHere", here(model).map(JSON.string) ?? .null),
            ])
        }
    }
}
