import Foundation
import HadalJSON
import TestSupport
import Testing

@testable import HadalConfiguration

extension TemporaryDirectory {
    /// A configuration.
    func write(_ bytes: some Sequence<UInt8>) throws -> String { try write(bytes, "hadal.yaml") }

    func load(
        _ text: String, environment: [String: String] = [:], overrides: [SettingOverride] = []
    ) throws -> Loaded {
        try ConfigurationLoader.load(file: write(text.utf8), environment: environment, overrides: overrides)
    }
}

/// Loads a file with this text, alone.
func load(
    _ text: String, environment: [String: String] = [:], overrides: [SettingOverride] = []
) throws -> Loaded {
    try TemporaryDirectory().load(text, environment: environment, overrides: overrides)
}

/// What is wrong with a text, without the file's directory.
func problems(
    _ text: some Sequence<UInt8>, environment: [String: String] = [:], overrides: [SettingOverride] = []
) throws -> [String] {
    let directory = try TemporaryDirectory()
    let file = try directory.write(text)
    do throws(ConfigurationError) {
        _ = try ConfigurationLoader.load(file: file, environment: environment, overrides: overrides)
        return []
    } catch {
        return "\(error)".replacing(directory.path + "/", with: "").split(separator: "\n").map(String.init)
    }
}

func problems(
    _ text: String, environment: [String: String] = [:], overrides: [SettingOverride] = []
) throws -> [String] {
    try problems(text.utf8, environment: environment, overrides: overrides)
}

/// `Deploy/hadal.example.yaml`.
enum Example {
    static let file = SharedData.repository.appending(path: "Deploy/hadal.example.yaml").path
    static let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
}
