import HadalCheckpoint
import HadalJSON

/// How the vectors of a text's tokens become one, as sentence-transformers' files or GGUF metadata say it.
struct Pooling {
    enum Mode {
        /// The average over all tokens.
        case mean
        /// The first token's vector.
        case first
    }

    var mode: Mode
    /// Whether the result is divided by its length.
    var normalizes: Bool

    init(_ checkpoint: Checkpoint, _ settings: Settings) throws {
        if settings.isGGUF {
            // llama.cpp's numbers. It normalises what it pools, and so does everything that reads these files.
            switch try settings.optionalInt(.init(nil, "pooling_type"), in: 0...16) ?? 1 {
            case 1: mode = .mean
            case 2: mode = .first
            case let other:
                throw ModelError.invalidField(
                    settings.name(.init(nil, "pooling_type")), found: "\(other)",
                    expected: "1 (mean) or 2 (first token)")
            }
            normalizes = true
            return
        }
        guard checkpoint.directory != nil, let modules = try Pooling.read(checkpoint, "modules.json")?.array
        else {
            // Without these files sentence-transformers takes the mean; clients expect vectors of length 1.
            (mode, normalizes) = (.mean, true)
            return
        }
        (mode, normalizes) = (.mean, false)
        for module in modules {
            let type = module["type"]?.string ?? ""
            switch type.split(separator: ".").last {
            case "Transformer": break
            case "Pooling": mode = try Pooling.mode(checkpoint, module["path"]?.string ?? "1_Pooling")
            case "Normalize": normalizes = true
            default:
                throw ModelError.invalidField(
                    "a module in modules.json", found: "'\(type)'", expected: "Transformer, Pooling or Normalize")
            }
        }
    }

    private static func mode(_ checkpoint: Checkpoint, _ path: String) throws -> Mode {
        guard !path.contains(".."), let json = try read(checkpoint, path + "/config.json"), let fields = json.object
        else {
            throw ModelError.missingField("\(path)/config.json")
        }
        // Newer files name the mode; older ones have a flag for each.
        let flags = fields.members.filter { $0.key.hasPrefix("pooling_mode_") && $0.value.bool == true }.map { $0.key }
        switch json["pooling_mode"]?.string ?? flags.sorted().joined(separator: "+") {
        case "mean", "pooling_mode_mean_tokens": return .mean
        case "cls", "pooling_mode_cls_token": return .first
        case let other:
            throw ModelError.invalidField("the pooling in \(path)", found: "'\(other)'", expected: "mean or cls")
        }
    }

    /// Nil where the file is missing.
    private static func read(_ checkpoint: Checkpoint, _ path: String) throws -> JSON? {
        guard let file = try checkpoint.opener.openIfPresent(checkpoint.path + "/" + path) else { return nil }
        do throws(JSONError) { return try JSON(parsing: file.bytes) } catch {
            throw ModelError.invalidField(path, found: "invalid JSON at byte \(error.offset)", expected: "JSON")
        }
    }

    /// - Parameter states: the tokens' vectors, `[tokens, width]`.
    func pool(_ states: ArraySlice<Float>, width: Int) -> [Float] {
        var result = [Float](repeating: 0, count: width)
        switch mode {
        case .first:
            result = Array(states.prefix(width))
        case .mean:
            for (index, value) in states.enumerated() { result[index % width] += value }
            let tokens = Float(states.count / width)
            for index in 0..<width { result[index] /= tokens }
        }
        guard normalizes else { return result }
        let length = result.reduce(into: 0.0) { $0 += Double($1) * Double($1) }.squareRoot()
        return result.map { Float(Double($0) / max(length, 1e-12)) }
    }
}
