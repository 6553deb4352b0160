import HadalReleases

/// Options of a version, as its worker's command line.
enum VersionOptions {
    /// Those of the configuration's `engine`.
    private static let known: Set = [
        "batch", "context", "cpus", "draft_model", "draft_tokens", "kv_cache", "kv_format", "prefix_cache",
        "prompt_tokens_beside_decode", "queue", "step_tokens", "threads",
    ]

    /// - Parameter others: arguments for all workers, of which those are left out that the version has itself.
    /// - Throws: `ReleaseError.invalid`. Values are for the worker to judge: one that does not like them does not start.
    static func arguments(_ options: [String: String], others: [String] = []) throws(ReleaseError) -> [String] {
        for name in options.keys.sorted() where !known.contains(name) {
            throw .invalid(
                field: "options.\(name.prefix(64))",
                problem: "is not known; known are \(known.sorted().joined(separator: ", "))")
        }
        var arguments = without(Set(options.keys), others)
        for (name, value) in options.sorted(by: { $0.key < $1.key }) {
            if name == "prefix_cache" {
                if try !flag(value) { arguments.append("--no-prefix-cache") }
            } else {
                // In one word, so that no value is taken for an option.
                arguments.append("\(option(name))=\(value)")
            }
        }
        return arguments
    }

    private static func flag(_ value: String) throws(ReleaseError) -> Bool {
        guard let isSet = Bool(value) else {
            throw .invalid(field: "options.prefix_cache", problem: "must be true or false")
        }
        return isSet
    }

    private static func option(_ name: String) -> String { "--" + name.replacing("_", with: "-") }

    private static func without(_ names: Set<String>, _ arguments: [String]) -> [String] {
        let left = Set(names.map(option) + (names.contains("prefix_cache") ? ["--no-prefix-cache"] : []))
        var kept: [String] = []
        var isLeftOut = false
        for argument in arguments {
            if argument.hasPrefix("--") { isLeftOut = left.contains(argument) }
            if !isLeftOut { kept.append(argument) }
        }
        return kept
    }
}
