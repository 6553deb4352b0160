import HadalCheckpoint
import HadalCompute
import HadalModels

/// Measures how large the inputs of a model's matrices are while it reads a text.
public final class ImportanceMeasurement: ProductObserver {
    /// Of one tensor, as `ImportanceMatrix.Entry` but in double precision.
    private struct Sums {
        let inputs: Int
        var squares: [Double]
        var counts: [Int]
    }

    private let checkpoint: Checkpoint
    private var sums: [String: Sums] = [:]

    private init(_ checkpoint: Checkpoint) { self.checkpoint = checkpoint }

    /// - Parameters:
    ///   - device: the one that `model` was loaded on, from `checkpoint`.
    ///   - tokens: of the text; read in windows of `context`, of which an end shorter than half is left out.
    ///   - text: its name, for people.
    /// - Throws: `EngineError` where the text is too short for one window.
    public static func measure(
        _ model: any LanguageModel, on device: CPUDevice, from checkpoint: Checkpoint, tokens: [Int32], text: String,
        context: Int, progress: (Double) -> Void = { _ in }
    ) throws -> ImportanceMatrix {
        guard context >= 2, context <= model.description.contextLength else {
            throw EngineError.invalidParameter(
                "context", problem: "\(context) is not from 2 to \(model.description.contextLength)")
        }
        let windows = stride(from: 0, to: tokens.count, by: context)
            .map { Array(tokens[$0..<min($0 + context, tokens.count)]) }
            .filter { $0.count >= (context + 1) / 2 }
        guard !windows.isEmpty else {
            throw EngineError.invalidText("the text has \(tokens.count) tokens, less than half a window of \(context)")
        }
        let measurement = ImportanceMeasurement(checkpoint)
        device.observer = measurement
        defer { device.observer = nil }
        for (index, window) in windows.enumerated() {
            _ = try Evaluation.logits(model, tokens: window, all: true)
            progress(Double(index + 1) / Double(windows.count))
        }
        let entries = measurement.sums.mapValues { sums in
            ImportanceMatrix.Entry(
                inputs: sums.inputs, sums: sums.squares.map(Float.init), counts: sums.counts.map(Float.init))
        }
        return ImportanceMatrix(entries: entries, text: text, context: context, windows: windows.count)
    }

    public func observe(_ row: UnsafeBufferPointer<Float>, before sources: [WeightSource]) {
        for source in sources {
            // What a model makes of a tensor while it loads it is not the tensor.
            guard let tensor = checkpoint.tensors[source.tensor], tensor.columns == row.count else { continue }
            guard source.member < tensor.matrices else { continue }
            let first = source.member * row.count
            if sums[source.tensor] == nil {
                sums[source.tensor] = Sums(
                    inputs: row.count, squares: Array(repeating: 0, count: tensor.matrices * row.count),
                    counts: Array(repeating: 0, count: tensor.matrices))
            }
            sums[source.tensor]!.counts[source.member] += 1
            sums[source.tensor]!.squares.withUnsafeMutableBufferPointer { squares in
                for column in row.indices { squares[first + column] += Double(row[column]) * Double(row[column]) }
            }
        }
    }
}
