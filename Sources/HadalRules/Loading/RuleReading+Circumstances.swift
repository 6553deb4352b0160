import Foundation

extension RuleReading {
    static let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    /// All of its fields must hold.
    mutating func metadata(_ value: YAMLValue, _ path: String) -> RuleCondition? {
        let known = ["tenant", "user", "role", "model", "endpoint", "address", "headers"]
        guard let fields = fields(value, path, known: known) else { return nil }
        var parts: [RuleCondition] = []
        func add(_ name: String, _ kind: RuleLeaf.Kind) {
            parts.append(.leaf(RuleLeaf(at: fields.path(of: name), kind)))
        }
        for (name, field) in [
            ("tenant", MetadataField.tenant), ("user", .user), ("role", .role), ("model", .model),
            ("endpoint", .endpoint),
        ] where fields[name] != nil {
            add(name, .metadata(field, names(fields, name)))
        }
        if let value = fields["address"] {
            let ranges = texts(value, fields.path(of: "address")).compactMap { addressRange($0, value.line, fields) }
            add("address", .address(ranges))
        }
        if let value = fields["headers"] {
            guard case .map(let members) = value.content else {
                report(value.line, fields.path(of: "headers"), "names of headers are expected", "write 'name: value'")
                return nil
            }
            for member in members {
                let name = "headers.\(member.key.lowercased())"
                let values = texts(member.value, fields.path(of: name)).map { NamePattern($0) }
                add(name, .metadata(.header(member.key.lowercased()), values))
            }
        }
        if parts.isEmpty {
            report(value.line, path, "no field is given", "known here: \(known.joined(separator: ", "))")
        }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func addressRange(_ text: String, _ line: Int, _ fields: Fields) -> AddressRange? {
        if let range = AddressRange(text) { return range }
        report(
            line, fields.path(of: "address"), "'\(text)' is no address or network", "write such as 10.0.0.0/8 or ::1")
        return nil
    }

    mutating func time(_ value: YAMLValue, _ path: String, _ zone: TimeZone) -> RuleLeaf.Kind? {
        guard let fields = fields(value, path, known: ["from", "to", "days", "zone"]) else { return nil }
        var days: Set<Int> = []
        if let value = fields["days"] {
            for text in texts(value, fields.path(of: "days")) {
                guard let day = Self.days.firstIndex(of: text) else {
                    report(
                        value.line, fields.path(of: "days"), "'\(text)' is no day",
                        "write \(Self.days.joined(separator: ", "))")
                    continue
                }
                days.insert(day)
            }
        }
        let (from, to) = (minute(fields, "from"), minute(fields, "to"))
        if (fields["from"] == nil) != (fields["to"] == nil) {
            report(value.line, path, "a span has two ends", "write both from and to")
        } else if fields["from"] == nil, fields["days"] == nil {
            report(value.line, path, "no time is given", "write from and to, days, or all of them")
        } else if let from, let to, from == to {
            report(value.line, path, "from and to are the same", "write different ones, or only days")
        }
        var minutes: (Int, Int)?
        if let from, let to { minutes = (from, to) }
        return .time(TimeWindow(days: days, minutes: minutes, zone: timeZone(fields, "zone") ?? zone))
    }

    /// Of the day; 24:00 is its end.
    private mutating func minute(_ fields: Fields, _ name: String) -> Int? {
        guard let value = fields[name], let text = text(value, fields.path(of: name)) else { return nil }
        let parts = text.split(separator: ":")
        if parts.count == 2, parts[1].count == 2, let hour = Int(parts[0]), let minute = Int(parts[1]),
            (0...59).contains(minute), (0...24).contains(hour), hour < 24 || minute == 0
        {
            return hour * 60 + minute
        }
        report(value.line, fields.path(of: name), "'\(text)' is no time of day", "write such as 06:30 or 22:00")
        return nil
    }

    mutating func timeZone(_ fields: Fields, _ name: String) -> TimeZone? {
        guard let value = fields[name], let text = text(value, fields.path(of: name)) else { return nil }
        if let zone = TimeZone(identifier: text) { return zone }
        report(
            value.line, fields.path(of: name), "'\(text)' is no time zone",
            "write a name such as Asia/Shanghai, Europe/Berlin or UTC")
        return nil
    }
}
