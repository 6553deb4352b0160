import ArgumentParser
import Foundation
import HadalConfiguration

/// The configuration, and with it the directory where users, keys, limits, files and all else that is kept lies: found alike
/// by a server and by the commands beside it.
struct DataOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The data directory. Default: HADAL_DATA, or the configuration's, or ~/.local/share/hadal.",
            valueName: "dir"))
    var data: String?
    @Option(
        help: ArgumentHelp(
            "The configuration file (docs/configuration.md). Default: what HADAL_CONFIG names.", valueName: "file"))
    var config: String?

    /// All that is configured, `data` among it.
    func settings() throws -> HadalSettings { try usable { () throws(ConfigurationError) in try load().settings } }

    /// - Parameter overrides: what further options say.
    func load(_ overrides: [SettingOverride] = []) throws(ConfigurationError) -> Loaded {
        try ConfigurationLoader.load(
            file: config, environment: ProcessInfo.processInfo.environment,
            overrides: overrides + (data.map { [SettingOverride("data", $0, option: "--data")] } ?? []))
    }
}

extension HadalSettings {
    var dataURL: URL { URL(fileURLWithPath: data, isDirectory: true) }
}

/// Reads the configuration for a command, which cannot go on without it.
func usable<Value>(_ read: () throws(ConfigurationError) -> Value) throws -> Value {
    do { return try read() } catch { throw CommandFailure("the configuration cannot be used:\n\(error)") }
}
