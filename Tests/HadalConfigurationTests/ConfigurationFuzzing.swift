@testable import HadalConfiguration

/// What a fuzzer does with one configuration file. Compiled into the tests and (by Fuzz/run.sh) into the fuzzer.
enum ConfigurationFuzzing {
    static func run(_ bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        do throws(ConfigurationError) {
            let loaded = try ConfigurationLoader.load(bytes, as: "fuzz.yaml")
            precondition(loaded.shown.allSatisfy { !$0.path.isEmpty })
            precondition(loaded.changes(to: loaded).isEmpty)
        } catch {
            precondition(!error.problems.isEmpty && error.problems.count <= ConfigurationError.problemsLimit)
            for problem in error.problems { precondition(!problem.description.isEmpty) }
        }
    }
}
