import Foundation
import HadalJSON
import TestSupport
import Testing

@testable import HadalConfiguration

/// Files of one test.
final class TestDirectory {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "hadal-configuration-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ bytes: some Sequence<UInt8>, as name: String = "hadal.yaml") throws -> String {
        let file = "\(path)/\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }

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
    try TestDirectory().load(text, environment: environment, overrides: overrides)
}

/// What is wrong with a text, without the file's directory.
func problems(
    _ text: some Sequence<UInt8>, environment: [String: String] = [:], overrides: [SettingOverride] = []
) throws -> [String] {
    let directory = try TestDirectory()
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
