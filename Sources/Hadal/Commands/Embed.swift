import ArgumentParser
import HadalCheckpoint
import HadalEngine
import HadalJSON

struct Embed: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn each line of standard input into a vector.",
        discussion: """
            Writes one JSON array a line. MODEL is an encoder such as MiniLM or BGE.

            Example:
              printf 'first text\\nsecond text\\n' | hadal embed /models/all-MiniLM-L6-v2
            """)

    @Argument(help: "The encoder.") var model: String
    @OptionGroup(title: "Encrypted models") var secrets: Secrets.Options

    func run() async throws {
        let opener = try await secrets.opener(for: model)
        let host = try EmbeddingHost(Checkpoint.open(ModelFiles.resolve(model), opener: opener))
        while let line = readLine() {
            let vector = try host.embed(line)
            print(JSON.array(vector.values.map { .double(Double($0)) }).text)
        }
    }
}
