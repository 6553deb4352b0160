import ArgumentParser
import HadalAudit
import HadalConfiguration
import HadalJSON
import HadalTerminal

extension Audit {
    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show how the audit trail is: its size, its ends, and whether it is being written.",
            discussion: """
                Its chain is checked, its texts are not ('hadal audit verify' does that).

                Example:
                  hadal audit status
                """)

        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var data: DataOption

        func run() async throws {
            let trail = try await TrailAccess(try data.settings())
            var verifier = AuditVerifier(data: trail.settings.data, keys: trail.keys)
            verifier.checksContents = false
            let report = try trail.verified(verifier)
            let bytes = AuditSearch.size(data: trail.settings.data)
            if json {
                var object = TrailReport(report: report, keptKey: false, keptAnchors: false).json.object ?? .init()
                object["path"] = .string(verifier.directory)
                object["bytes"] = .int(Int64(clamping: bytes))
                object["sealed"] = .bool(AuditSearch.isSealed(data: trail.settings.data))
                return print(JSON.object(object).text)
            }
            let state = report.isValid ? "as it was written" : "NOT as it was written; run: hadal audit verify"
            let rows = [
                ["state", state], ["written now", report.isBeingWritten ? "yes" : "no"],
                ["records", "\(report.records), from \(report.first) to \(report.head.sequence)"],
                ["not signed yet", "\(report.unsigned)"],
                ["segments", "\(report.segments)"], ["bytes", byteText(Int(clamping: bytes))],
                ["sealed", AuditSearch.isSealed(data: trail.settings.data) ? "yes" : "no"],
                ["first key", report.rootKey?.text ?? "-"], ["anchor", report.head.text],
            ]
            print(Table(header: ["trail", report.trail], rows: rows).text)
        }
    }
}
