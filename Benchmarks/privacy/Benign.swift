import Foundation
import HadalPrivacy

/// Ordinary prompts, in which hardly any personal data is expected: what is found there is printed to be looked at.
enum Benign {
    static func list(_ data: URL, _ scanner: PrivacyScanner) throws {
        let directory = data.appendingPathComponent("security/benign")
        for file in try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil) {
            let text = try String(contentsOf: file, encoding: .utf8)
            let bytes = Array(text.utf8)
            for finding in scanner.findings(in: text) {
                let value = String(decoding: bytes[finding.range], as: UTF8.self)
                let before = String(
                    decoding: bytes[max(0, finding.range.lowerBound - 45)..<finding.range.lowerBound], as: UTF8.self)
                print(file.lastPathComponent, finding.kind, finding.confidence, before, "<<", value, ">>")
            }
        }
    }
}
