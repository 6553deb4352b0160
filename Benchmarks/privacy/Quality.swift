import HadalPrivacy

/// Counts what was found, missed, and found wrongly, by source and type.
struct Quality {
    struct Row {
        var expected = 0
        var found = 0
        var exact = 0
        var wrong = 0

        var recall: Double { expected == 0 ? 1 : Double(found) / Double(expected) }
        var precision: Double { found + wrong == 0 ? 1 : Double(found) / Double(found + wrong) }
    }

    private(set) var rows: [String: Row] = [:]
    private(set) var misses: [String] = []

    mutating func add(_ cases: [Case], _ scanner: PrivacyScanner) {
        for item in cases {
            // Names, addresses, passwords and permits are not among the types of the data.
            var findings = scanner.findings(in: item.text).filter { finding in
                item.type.map { finding.kind == Cases.kinds[$0] } ?? Cases.kinds.values.contains(finding.kind)
            }
            for (type, range) in item.expected {
                rows[key(item, type), default: Row()].expected += 1
                let match = findings.firstIndex { finding in
                    finding.kind == Cases.kinds[type] && (range.map { $0.overlaps(finding.range) } ?? true)
                }
                guard let match else {
                    misses.append("missed \(type): \(item.text.prefix(200))")
                    continue
                }
                rows[key(item, type), default: Row()].found += 1
                if range == nil || range == findings[match].range {
                    rows[key(item, type), default: Row()].exact += 1
                } else {
                    misses.append("range of \(type): \(item.text.prefix(200))")
                }
                findings.remove(at: match)
            }
            for finding in findings {
                let type =
                    item.type ?? Cases.kinds.first {
                        $0.value == finding.kind && $0.key != "CN_MOBILE" && $0.key != "BANK_CARD"
                    }?.key ?? ""
                rows[key(item, type), default: Row()].wrong += 1
                misses.append("wrong \(finding.kind) \(finding.confidence): \(item.text.prefix(200))")
            }
        }
    }

    private func key(_ item: Case, _ type: String) -> String { "\(item.source) \(type)" }

    func print() {
        Swift.print("source and type | expected | found | exact range | wrong | recall | precision")
        var total = Row()
        for (name, row) in rows.sorted(by: { $0.key < $1.key }) {
            line(name, row)
            total.expected += row.expected
            total.found += row.found
            total.exact += row.exact
            total.wrong += row.wrong
        }
        line("all", total)
    }

    private func line(_ name: String, _ row: Row) {
        func percent(_ value: Double) -> String { "\((value * 1000).rounded() / 10) %" }
        let parts = [
            name, "\(row.expected)", "\(row.found)", "\(row.exact)", "\(row.wrong)", percent(row.recall),
            percent(row.precision),
        ]
        Swift.print(parts.joined(separator: " | "))
    }
}
