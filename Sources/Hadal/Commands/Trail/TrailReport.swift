import HadalAudit
import HadalJSON

/// What `hadal audit verify` prints.
struct TrailReport {
    let report: AuditReport
    let keptKey: Bool
    let keptAnchors: Bool

    var text: String {
        var lines = report.findings.map(\.description)
        if report.moreFindings > 0 { lines.append("and \(report.moreFindings) more") }
        lines.append(report.isValid ? "valid: " + counts : "INVALID: " + counts)
        lines += notes.map { "note: \($0)" }
        guard report.isValid else { return lines.joined(separator: "\n") }
        lines += ["first key  \(report.rootKey?.text ?? "-")", "anchor     \(report.head.text)"]
        lines.append("Keep both where who can write the trail cannot change them, for --root-key and --anchor.")
        return lines.joined(separator: "\n")
    }

    private var counts: String {
        "\(report.records) records in \(report.segments) segments, \(report.checkpoints) signatures by "
            + "\(report.keys) keys, \(report.contents) texts"
    }

    /// What is not wrong but limits what was shown.
    private var notes: [String] {
        var notes: [String] = []
        if !keptKey { notes.append("without --root-key a trail that was replaced as a whole is not found") }
        if !keptAnchors { notes.append("without --anchor an old copy that was put back is not found") }
        for anchor in report.uncheckedAnchors {
            notes.append("anchor \(anchor.sequence) is from before the oldest record, which is \(report.first)")
        }
        if report.unsigned > 0 { notes.append("the last \(report.unsigned) records are not signed yet") }
        if report.isBeingWritten { notes.append("it is being written") }
        if report.contentsRemoved > 0 { notes.append("\(report.contentsRemoved) texts have passed their time") }
        if report.unopened > 0 {
            notes.append(
                "\(report.unopened) sealed records were not opened, so their texts were not checked: no key service")
        }
        return notes
    }

    var json: JSON {
        .compact([
            ("valid", .bool(report.isValid)), ("findings", .array(report.findings.map(\.json))),
            ("more_findings", .int(Int64(report.moreFindings))), ("trail", .string(report.trail)),
            ("root_key", report.rootKey.map { .string($0.text) }), ("keys", .int(Int64(report.keys))),
            ("segments", .int(Int64(report.segments))), ("records", .int(Int64(clamping: report.records))),
            ("first", .int(Int64(clamping: report.first))), ("checkpoints", .int(Int64(clamping: report.checkpoints))),
            ("anchor", .string(report.head.text)), ("unsigned", .int(Int64(report.unsigned))),
            ("being_written", .bool(report.isBeingWritten)), ("texts", .int(Int64(clamping: report.contents))),
            ("texts_removed", .int(Int64(clamping: report.contentsRemoved))),
            ("unopened", .int(Int64(clamping: report.unopened))),
            ("unchecked_anchors", .array(report.uncheckedAnchors.map { .string($0.text) })),
        ])
    }
}

extension AuditFinding {
    fileprivate var json: JSON {
        .compact([
            ("kind", .string(kind.rawValue)), ("segment", segment.map { .int(Int64(clamping: $0)) }),
            ("record", sequence.map { .int(Int64(clamping: $0)) }), ("byte", offset.map { .int(Int64(clamping: $0)) }),
            ("text", .string(text)),
        ])
    }
}
