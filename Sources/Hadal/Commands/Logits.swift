import ArgumentParser
import HadalCheckpoint
import HadalEngine
import HadalTerminal

struct Logits: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what a model computes for given tokens.",
        discussion: """
            float32 throughout for unquantized weights, so that the numbers can be compared with other programs'.

            Examples:
              hadal logits model.gguf --tokens 1,2,3 --json
              hadal logits /models/DeepSeek-V2-Lite --tokens 100000,549 --all --json
            """)

    @Argument(help: "The model.") var model: String
    @Option(help: "Token ids, separated by commas.") var tokens: String
    @Flag(help: "For every position, not only the last.") var all = false
    @Flag(help: #"Write {"logits":[[…]]}; otherwise the ten largest of each position."#) var json = false
    @OptionGroup(title: "Encrypted models") var secrets: Secrets.Options

    func run() async throws {
        let ids = try tokens.split(separator: ",").map { word in
            guard let id = Int32(word.trimmingPrefix(" ")) else { throw ValidationError("'\(word)' is no token id") }
            return id
        }
        let path = try ModelFiles.resolve(model)
        let checkpoint = try Checkpoint.open(path, opener: try await secrets.opener(for: path))
        let model = try loadModel(checkpoint, named: ModelFiles.name(of: path), maximumRows: 64)
        let rows = try Evaluation.logits(model, tokens: ids, all: all)
        if json {
            let text = rows.map { "[" + $0.map { "\($0)" }.joined(separator: ",") + "]" }.joined(separator: ",")
            print("{\"logits\":[\(text)]}")
            return
        }
        for (index, row) in rows.enumerated() {
            let best = row.indices.sorted { row[$0] > row[$1] }.prefix(10)
            print("position \(all ? index : ids.count - 1)")
            print(Table(header: ["token", "logit"], rows: best.map { ["\($0)", "\(row[$0])"] }, numbers: [0]).text)
        }
    }
}
