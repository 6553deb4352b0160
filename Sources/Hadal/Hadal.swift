import ArgumentParser
import Foundation

@main
struct Hadal: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hadal",
        abstract: "Run DeepSeek models on your own machines.",
        discussion: """
            MODEL is a directory with config.json and safetensors, a .gguf file (the first of a split set), the name or tag of a
            model that was fetched (hadal pull), or guide, the small model that comes with Hadal. Its files may be encrypted
            (hadal secrets encrypt).

            Examples:
              hadal chat
              hadal pull deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B
              hadal serve /models/DeepSeek-R1-Distill-Qwen-1.5B
              hadal chat r1-distill-qwen-1.5b-q8_0.gguf
              hadal doctor
            """,
        version: Version.current,
        subcommands: [
            Serve.self, Restart.self, Worker.self, Workers.self, Profile.self, Chat.self, Generate.self, Logits.self,
            Tokenize.self,
            Template.self, Inspect.self, Pull.self, Models.self, Verify.self, BundleCommand.self,
            Embed.self, Pack.self, MeasureImportance.self, MeasurePerplexity.self, PlanCommand.self, Doctor.self,
            Bench.self, Eval.self, Metrics.self, Alerts.self, Config.self, Backup.self, Restore.self, Drill.self,
            Users.self, Keys.self, Roles.self, Tenants.self, LimitsCommand.self, UsageCommand.self, Addresses.self,
            Audit.self,
            Reviews.self, Upstreams.self, Certs.self, Secrets.self, Rules.self, Routes.self, Deployments.self,
            Releases.self,
        ])

    /// Exit codes are part of the contract: 0 ok, 1 failed, 2 wrong use. ArgumentParser's own code for wrong use is 64.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            switch exitCode(for: error) {
            case .success:
                print(fullMessage(for: error))
                Foundation.exit(0)
            case .validationFailure:
                complain(message(for: error))
                try? FileHandle.standardError.write(contentsOf: Data("\(usageString())\n".utf8))
                Foundation.exit(2)
            default:
                let text = message(for: error)
                if !text.isEmpty { complain(text) }
                Foundation.exit(1)
            }
        }
    }

    private static func complain(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data("error: \(text)\n".utf8))
    }
}

enum Version {
    static let current = "0.1.0"
}
