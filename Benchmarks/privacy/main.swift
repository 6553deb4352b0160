// Measures HadalPrivacy: recall and precision by identifier on the shared data, and speed.
//
//     Benchmarks/privacy/run.sh [quality|speed] [--list]
//
// `--list` also prints what was missed or found wrongly. HADAL_SHARED_DATA overrides ../shared/data.
import Foundation
import HadalPrivacy

let arguments = CommandLine.arguments.dropFirst()
let data = URL(fileURLWithPath: ProcessInfo.processInfo.environment["HADAL_SHARED_DATA"] ?? "../shared/data")
let scanner = PrivacyScanner()

if !arguments.contains("speed") {
    let directory = data.appendingPathComponent("security/pii")
    for byCheckDigit in [true, false] {
        print(
            "\nResident identity numbers that are right by",
            byCheckDigit ? "check digit:" : "check digit and region in force at birth:")
        var quality = Quality()
        quality.add(try Cases.chinese(directory, byCheckDigit: byCheckDigit), scanner)
        if byCheckDigit {
            quality.add(try Cases.recognizers(directory), scanner)
            quality.add(try Cases.synthetic(directory), scanner)
        }
        quality.print()
        if arguments.contains("--list") { for miss in quality.misses { print(miss) } }
    }
    if arguments.contains("--list") { try Benign.list(data, scanner) }
}
if !arguments.contains("quality") { try Speed.run(data, scanner) }
