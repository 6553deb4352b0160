import Foundation
import HadalJSON
import TestSupport
import Testing

@testable import HadalConfiguration

@Suite struct ExampleTests {
    @Test func theExampleIsRightAndNamesEverySetting() throws {
        let loaded = try ConfigurationLoader.load(file: Example.file, environment: [:])
        let named = Set(loaded.sources.keys.map { $0.replacing(/\[\d+\]/, with: "[]") })
        for setting in SettingCatalog.all {
            // The passphrase, PIN and token are shown once, by files; the console's secret by both.
            if setting.path.hasSuffix("_env"), named.contains(setting.path.replacing("_env", with: "_file")) {
                continue
            }
            // The files are shown, which are instead of the directory.
            if setting.path == "workers.certificates" { continue }
            #expect(named.contains(setting.path), "\(setting.path)")
        }
        #expect(loaded.warnings == [])
        #expect(loaded.settings.limits.tenant.requestsPerMinute == 20_000)
        #expect(loaded.settings.limits.tenant.tokensPerMinute == 500_000)
        #expect(loaded.settings.limits.user.requestsPerMinute == 2000)
    }

    @Test func theReferenceIsUpToDate() throws {
        let file = SharedData.repository.appending(path: "docs/configuration.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(text == ConfigurationReference.markdown, "run: hadal config reference > docs/configuration.md")
    }

    @Test func theReferenceSaysEverythingOfEachSetting() {
        let reference = ConfigurationReference.markdown
        for setting in SettingCatalog.all {
            #expect(reference.contains("| `\(setting.path)` | \(setting.summary) |"))
            #expect(setting.summary.hasSuffix(".") || setting.summary.hasSuffix("./"), "\(setting.path)")
            #expect(!setting.defaultText.isEmpty && !setting.type.isEmpty && !setting.example.isEmpty)
        }
    }

    @Test func whatIsShownCanBeReadAgain() throws {
        let loaded = try ConfigurationLoader.load(file: Example.file, environment: [:])
        let overrides = SettingCatalog.outside.compactMap { setting -> SettingOverride? in
            guard let shown = loaded.shown.first(where: { $0.path == setting.path }), !shown.value.isNull else {
                return nil
            }
            return SettingOverride(setting.path, shown.text, option: "--x")
        }
        let again = try ConfigurationLoader.load(file: Example.file, environment: [:], overrides: overrides)
        #expect(again.settings == loaded.settings)
        #expect(overrides.count > 80)
    }

    /// Bytes of the example changed, lost, doubled and moved: always settings or located problems, never a crash.
    @Test func damagedExamplesNeverCrash() {
        let lines = Example.text.split(separator: "\n").filter { !$0.contains("#") }
        var sections: [[UInt8]] = []
        for line in lines {
            if !line.hasPrefix(" ") { sections.append([]) }
            sections[sections.count - 1] += Array(line.utf8) + [UInt8(ascii: "\n")]
        }
        var random = SplitMix(state: 6)
        let specials = Array("*&!|>%@`\"'{}[],:?-#\t\n\r <~=\u{0}\u{7F}".utf8) + [0xFF, 0xC3, 0xE2, 0x80]
        var accepted = 0
        for _ in 0..<20_000 {
            var bytes = sections.randomElement(using: &random)! + sections.randomElement(using: &random)!
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                guard !bytes.isEmpty else { break }
                let at = Int.random(in: 0..<bytes.count, using: &random)
                let end = min(bytes.count, at + Int.random(in: 1...20, using: &random))
                switch Int.random(in: 0..<6, using: &random) {
                case 0: bytes[at] = specials.randomElement(using: &random)!
                case 1: bytes.insert(specials.randomElement(using: &random)!, at: at)
                case 2: bytes.removeSubrange(at..<end)
                case 3: bytes.insert(contentsOf: bytes[at..<end], at: Int.random(in: 0...bytes.count, using: &random))
                case 4: bytes[at] = UInt8.random(in: 0...255, using: &random)
                default: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                }
            }
            do throws(ConfigurationError) {
                _ = try ConfigurationLoader.load(bytes, as: "f")
                accepted += 1
            } catch {
                let areLocated = error.problems.allSatisfy { problem in
                    guard case .file("f", let line, let column) = problem.source else { return false }
                    return line > 0 && column > 0 && !problem.problem.isEmpty && !problem.advice.isEmpty
                }
                #expect(areLocated && !error.problems.isEmpty, "\(String(decoding: bytes, as: UTF8.self)): \(error)")
            }
        }
        #expect((500...19_500).contains(accepted), "the damage is too small or too large to find anything: \(accepted)")
    }
}
