import ArgumentParser
import Foundation
import HadalCheckpoint
import HadalEngine
import HadalJSON
import HadalTerminal

extension Deployments {
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Add a version to a deployment; nothing is started yet.",
            discussion: """
                The version is pinned to the digest of its files, which are read for it here; where they are only on the
                server's machine, give the digest (hadal inspect MODEL --checksums). Options are those of the
                configuration's engine section.

                Examples:
                  hadal deployments add chat /models/r1-14b-v2
                  hadal deployments add chat /models/r1.gguf --option context=32768 --option kv_format=int8
                  hadal deployments add chat /srv/r1 --digest 3f5a… --url https://hadal.example.org
                """)

        @Argument(help: "The deployment's name.") var name: String
        @Argument(help: "A directory or .gguf file on the server's machine, or guide.") var model: String
        @Option(help: ArgumentHelp("The digest of its files. Default: it is computed here.", valueName: "sha256"))
        var digest: String?
        @Option(
            name: .customLong("option"),
            help: ArgumentHelp("An option of its worker; may be given again.", valueName: "name=value"))
        var options: [String] = []
        @Option(help: "What is new in it.") var note = ""
        @OptionGroup var output: ActOutput
        @OptionGroup var server: AdministrationServer
        @OptionGroup(title: "Encrypted models") var secrets: Secrets.Options

        func validate() throws {
            for option in options where !option.contains("=") {
                throw ValidationError("--option is NAME=VALUE, as context=32768")
            }
        }

        func run() async throws {
            let model = try reference()
            let digest: String
            if let given = self.digest { digest = given } else { digest = try await computed(model) }
            let pairs = options.map { option in
                let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return (String(parts[0]), JSON.string(String(parts[1])))
            }
            let body: JSON = [
                "model": .string(model), "digest": .string(digest), "options": .object(JSON.Object(pairs)),
                "note": .string(note),
            ]
            let version = try await server.answer(["deployments", name, "versions"], body)
            output.tell(
                version, "added version \(version.shown("number")) of \(name); release it next (hadal releases start)")
        }

        /// As the server finds it, wherever it was started.
        private func reference() throws -> String {
            if model == BuiltInModel.name || model.hasPrefix("/") { return model }
            let path = (model as NSString).expandingTildeInPath
            return URL(fileURLWithPath: path).standardizedFileURL.path
        }

        private func computed(_ model: String) async throws -> String {
            let checkpoint = try Checkpoint.open(
                ModelFiles.resolve(model), opener: try await secrets.opener(for: model))
            let digest = try ModelDigest(of: checkpoint)
            return try withProgress("reading \(model)") { try digest.compute(progress: $0).digest }
        }
    }
}
