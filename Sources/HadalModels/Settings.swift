import HadalCheckpoint
import HadalJSON

/// A model's configuration by name: `config.json`'s fields, or GGUF metadata under the architecture's prefix.
struct Settings {
    private enum Source {
        case config(JSON)
        case gguf(GGUFMetadata, prefix: String)
    }

    /// Hugging Face's `model_type`.
    let architecture: String
    private let source: Source

    init(_ checkpoint: Checkpoint) throws {
        if let gguf = checkpoint.gguf, let name = gguf.string("general.architecture") {
            self.init(.gguf(gguf, prefix: name), architecture: name)
        } else {
            try self.init(config: checkpoint.config ?? .null)
        }
    }

    /// - Parameter config: `config.json`.
    init(config: JSON) throws {
        guard let type = config["model_type"]?.string else { throw ModelError.noModel }
        self.init(.config(config), architecture: type)
    }

    private init(_ source: Source, architecture: String) {
        self.source = source
        self.architecture = architecture
    }

    var isGGUF: Bool {
        if case .gguf = source { true } else { false }
    }

    /// A value by its name in `config.json` and in GGUF (without the architecture's prefix).
    private func value(_ names: Field) -> (name: String, double: Double?, int: Int?, bool: Bool?, string: String?)? {
        switch source {
        case .config(let config):
            guard let name = names.config, let value = config.at(name), !value.isNull else { return nil }
            return (name, value.double, value.int, value.bool, value.string)
        case .gguf(let metadata, let prefix):
            guard let key = names.gguf else { return nil }
            let name = "\(prefix).\(key)"
            guard metadata[name] != nil else { return nil }
            // Some writers give per-layer arrays; equal entries mean one number.
            if let list = metadata.ints(name), let first = list.first, list.allSatisfy({ $0 == first }) {
                return (name, Double(first), first, nil, nil)
            }
            return (name, metadata.double(name), metadata.int(name), metadata.bool(name), metadata.string(name))
        }
    }

    struct Field {
        var config: String?
        var gguf: String?

        init(_ config: String?, _ gguf: String?) {
            self.config = config
            self.gguf = gguf
        }
    }

    func int(_ field: Field, in range: ClosedRange<Int> = 1...(1 << 24)) throws -> Int {
        guard let result = try optionalInt(field, in: range) else { throw ModelError.missingField(name(field)) }
        return result
    }

    func optionalInt(_ field: Field, in range: ClosedRange<Int> = 1...(1 << 24)) throws -> Int? {
        guard let found = value(field) else { return nil }
        guard let number = found.int, range.contains(number) else {
            throw ModelError.invalidField(
                found.name, found: found.double.map { "\($0)" } ?? found.string ?? "no number",
                expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// The first `count` numbers of a list in `config.json`.
    func ints(_ field: Field, count: Int, in range: ClosedRange<Int>) throws -> [Int] {
        guard case .config(let config) = source, let list = field.config.flatMap(config.at)?.array else {
            throw ModelError.missingField(name(field))
        }
        let numbers = list.prefix(count).compactMap(\.int)
        guard numbers.count == count, numbers.allSatisfy(range.contains) else {
            throw ModelError.invalidField(
                name(field), found: "a list of \(list.count)",
                expected: "\(count) whole numbers from \(range.lowerBound) to \(range.upperBound)")
        }
        return numbers
    }

    func double(_ field: Field) throws -> Double {
        guard let result = try optionalDouble(field) else { throw ModelError.missingField(name(field)) }
        return result
    }

    func optionalDouble(_ field: Field) throws -> Double? {
        guard let found = value(field) else { return nil }
        guard let number = found.double ?? found.int.map(Double.init), number.isFinite else {
            throw ModelError.invalidField(found.name, found: found.string ?? "no number", expected: "a finite number")
        }
        return number
    }

    func bool(_ field: Field, default fallback: Bool) throws -> Bool {
        guard let found = value(field) else { return fallback }
        guard let flag = found.bool else {
            throw ModelError.invalidField(found.name, found: "no truth value", expected: "true or false")
        }
        return flag
    }

    func string(_ field: Field) -> String? { value(field)?.string }

    /// Refuses a model that asks for something that is not computed here; a field that is missing is fine.
    func require(_ field: Field, isOneOf accepted: [String]) throws {
        guard let found = value(field) else { return }
        guard let text = found.string, accepted.contains(text) else {
            throw ModelError.invalidField(
                found.name, found: found.string.map { "'\($0)'" } ?? "no text",
                expected: accepted.joined(separator: " or "))
        }
    }

    func require(_ field: Field, is accepted: Bool) throws {
        guard let found = value(field) else { return }
        guard found.bool == accepted else {
            throw ModelError.invalidField(
                found.name, found: found.bool.map { "\($0)" } ?? "no truth value", expected: "\(accepted)")
        }
    }

    func require(_ field: Field, is accepted: Double) throws {
        guard let found = try optionalDouble(field), found != accepted else { return }
        throw ModelError.invalidField(name(field), found: "\(found)", expected: "\(accepted)")
    }

    func name(_ field: Field) -> String {
        switch source {
        case .config: field.config ?? field.gguf ?? "?"
        case .gguf(_, let prefix): field.gguf.map { "\(prefix).\($0)" } ?? field.config ?? "?"
        }
    }
}

extension JSON {
    /// A member by a path such as `rope_parameters.factor`.
    func at(_ path: String) -> JSON? {
        path.split(separator: ".").reduce(Optional(self)) { value, key in value?[String(key)] }
    }
}
