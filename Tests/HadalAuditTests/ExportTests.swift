import Foundation
import HadalJSON
import TestSupport
import Testing

@testable import HadalAudit

@Suite struct ExportTests {
    /// What would break out of each form.
    private var hostile: AuditRecord {
        var record = Trails.record(1)
        record.action = "a|b\\c\nd=e"
        record.user = "x=y|z\\\r\nCEF:0|forged\u{1B}[2J"
        record.target = "q\"]\\ [forged@1 a=\"b\"]\n<1>1"
        record.tenant = "租户"
        record.address = "2001:db8::1"
        return record
    }

    private func text(_ formatter: some AuditFormatter, _ record: AuditRecord) -> String {
        String(decoding: formatter.bytes(record), as: UTF8.self)
    }

    @Test func aRecordIsOneLineInEachForm() {
        let formatters: [any AuditFormatter] = [
            JSONLinesFormatter(), CEFFormatter(version: "1"), SyslogFormatter(host: "h"),
        ]
        for formatter in formatters {
            let bytes = formatter.bytes(hostile)
            #expect(bytes.filter { $0 == 10 }.count == 1)
            #expect(bytes.last == 10)
            #expect(!bytes.contains { $0 < 32 && $0 != 10 })
        }
    }

    @Test func cefEscapesWhatItsHeaderAndItsFieldsEachNeed() {
        let line = text(CEFFormatter(version: "0.1|2"), hostile)
        #expect(line.hasPrefix(#"CEF:0|Hadal|hadal|0.1\|2|request|a\|b\\c d=e|1|"#))
        #expect(line.contains(#" suser=x\=y|z\\\r\nCEF:0|forged [2J act=a|b\\c\nd\=e "#))
        #expect(line.contains(" cs1=租户 cs1Label=tenant "))
        #expect(line.contains("c6a2=2001:db8::1 c6a2Label=sourceIPv6"))
        #expect(!line.contains(" src="))
        #expect(line.contains("rt=1800000000000 externalId=0 "))
        #expect(text(CEFFormatter(version: "1"), Trails.record(1)).contains(" src=192.0.2.7 "))
    }

    @Test func syslogHasItsHeaderItsDataAndTheRecord() throws {
        let line = text(SyslogFormatter(host: "gate way"), hostile)
        #expect(line.hasPrefix("<110>1 2027-01-15T08:00:00.000000Z gate_way hadal - a|b\\c_d=e [hadal@32473 seq=\"0\""))
        #expect(line.contains(#" target="q\"\]\\ [forged@1 a=\"b\"\] <1>1"]"#))
        let message = try #require(line.components(separatedBy: "] \u{FEFF}").last)
        #expect(Array(message.dropLast().utf8) == hostile.canonicalBytes)
        var refused = Trails.record(2)
        refused.outcome = "refused"
        #expect(text(SyslogFormatter(host: ""), refused).hasPrefix("<108>1 2027-01-15T08:00:00.000000Z - hadal - "))
    }

    @Test func elasticsearchGetsAnActionAndADocument() throws {
        let lines = text(ElasticsearchFormatter(index: "audit", trail: "t"), hostile).split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0] == #"{"create":{"_index":"audit","_id":"t-0"}}"#)
        let document = try JSON(parsing: String(lines[1]))
        #expect(document["@timestamp"]?.string == "2027-01-15T08:00:00.000000001Z")
        #expect(document["user"]?.string == hostile.user)
    }

    @Test func anExportGivesWhatTheSearchGives() async throws {
        let directory = try TemporaryDirectory()
        try await Trails.make(in: directory.path, count: 5)
        var query = AuditQuery()
        query.kinds = [.request]
        query.newestFirst = false
        var output: [UInt8] = []
        let count = try AuditSearch(data: directory.path).export(query, as: JSONLinesFormatter()) { output += $0 }
        #expect(count == 5)
        let records = try output.split(separator: 10).map { try AuditRecord(canonicalBytes: $0) }
        #expect(records.map(\.id) == (0..<5).map { "id-\($0)" })
    }
}
