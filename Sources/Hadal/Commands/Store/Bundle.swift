import ArgumentParser

struct BundleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle",
        abstract: "Carry models to machines without a network.",
        discussion: """
            A bundle is an index (NAME.hadal-bundle), which is signed, and parts (NAME.001 …) that fit a stick. All
            of it is verified where it arrives. docs/models.md says more.

            Examples:
              hadal bundle keygen --to exporter.key
              hadal bundle export r1 --to /media/stick --key exporter.key
              hadal bundle inspect /media/stick/DeepSeek-R1-Distill-Qwen-1.5B.hadal-bundle
              hadal bundle import /media/stick/DeepSeek-R1-Distill-Qwen-1.5B.hadal-bundle --trust exporter.key.pub
            """,
        subcommands: [BundleExportCommand.self, BundleImportCommand.self, BundleInspect.self, BundleKeygen.self])
}

struct BundlePartsOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A directory with parts, beside the index's own; may be given more than once.", valueName: "dir"))
    var parts: [String] = []
}
