import HadalConfiguration
import HadalReleases

/// Options of a version, as a model of the configuration has them.
enum VersionOptions {
    /// Those of the configuration's `engine`.
    private static let ofWorker: Set = [
        "batch", "context", "cpus", "device", "draft_model", "draft_tokens", "gpu_memory", "kv_cache", "kv_format", "prefix_cache",
        "prompt_tokens_beside_decode", "queue", "step_tokens", "threads",
    ]
    /// What the gateway sees to.
    private static let ofSupervisor: Set = ["idle_unload", "memory_limit", "replicas"]

    /// - Parameter others: arguments for all workers, of which those are left out that the version has itself.
    /// - Throws: `ReleaseError.invalid`. Those of the worker are its to judge: it does not start with what it dislikes.
    static func apply(
        _ options: [String: String], others: [String] = [], to model: inout ServedModel
    ) throws(ReleaseError) {
        model.workerArguments = try arguments(options.filter { !ofSupervisor.contains($0.key) }, others: others)
        if let text = options["memory_limit"] {
            guard let limit = ModelSettings.memoryLimit(text) else {
                throw .invalid(field: "options.memory_limit", problem: "must be bytes from 1MiB on, such as 64GiB")
            }
            model.memoryLimit = limit
        }
        if let text = options["idle_unload"] {
            guard let idle = ModelSettings.idleUnload(text) else {
                throw .invalid(field: "options.idle_unload", problem: "must be a duration, 1s to 30d, such as 30m")
            }
            model.idleUnload = idle
        }
        if let text = options["replicas"] {
            guard let count = Int(text), ModelSettings.replicasRange.contains(count) else {
                throw .invalid(
                    field: "options.replicas",
                    problem: "must be a whole number, \(ModelSettings.replicasRange.lowerBound) "
                        + "to \(ModelSettings.replicasRange.upperBound)")
            }
            model.replicas = count
        }
    }

    /// - Throws: as `apply`.
    static func check(_ options: [String: String]) throws(ReleaseError) {
        var model = ServedModel(name: "", reference: "")
        try apply(options, to: &model)
    }

    private static func arguments(_ options: [String: String], others: [String]) throws(ReleaseError) -> [String] {
        let known = ofWorker.union(ofSupervisor)
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
