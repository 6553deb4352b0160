import Foundation
import HadalJSON

extension RouteReading {
    private static let conditionFields = [
        "tenants", "users", "roles", "prompt_tokens", "output_tokens", "cost", "time", "requires", "background", "tags",
    ]

    mutating func condition(_ value: JSON, _ path: String, _ zone: TimeZone) -> RouteCondition {
        var condition = RouteCondition()
        guard let fields = fields(value, path, known: Self.conditionFields) else { return condition }
        condition.tenants = patterns(fields, "tenants")
        condition.users = patterns(fields, "users")
        condition.roles = patterns(fields, "roles")
        condition.promptTokens = tokenBounds(fields, "prompt_tokens")
        condition.outputTokens = tokenBounds(fields, "output_tokens")
        condition.cost = costBounds(fields, "cost")
        condition.windows = windows(fields, zone)
        if let value = fields["requires"] {
            let path = fields.path(of: "requires")
            let items = value.array ?? [value]
            if items.isEmpty { report(path, "the list is empty", "write at least one value, or remove it") }
            condition.features = Set(
                items.enumerated().compactMap { word($1, "\(path)[\($0)]", of: RouteFeature.self) })
        }
        condition.isBackground = flag(fields, "background")
        condition.tags = patterns(fields, "tags")
        return condition
    }

    private mutating func patterns(_ fields: Fields, _ name: String) -> [NamePattern] {
        fields[name].map { texts($0, fields.path(of: name)).map { NamePattern($0) } } ?? []
    }

    private mutating func tokenBounds(_ fields: Fields, _ name: String) -> Bounds<Int>? {
        let range = 0...1_000_000_000
        guard let bounds = bounds(fields, name, { reading, value, path in reading.integer(value, path, range) }) else {
            return nil
        }
        if let above = bounds.above, let below = bounds.below, below - above == 1 {
            report(fields.path(of: name), "no whole number is \(bounds)", "write bounds with a number between them")
        }
        return bounds
    }

    private mutating func costBounds(_ fields: Fields, _ name: String) -> Bounds<Decimal>? {
        bounds(fields, name) { reading, value, path in
            guard let text = reading.text(value, path) else { return nil }
            // Decimal stops reading at what is no number; Double does not.
            if let number = Double(text), number.isFinite, number >= 0,
                let amount = Decimal(string: text, locale: Locale(identifier: "en_US_POSIX"))
            {
                return amount
            }
            reading.report(path, "'\(text)' is no amount of money", "write digits without currency, such as 0.25")
            return nil
        }
    }

    private mutating func bounds<Value>(
        _ fields: Fields, _ name: String, _ read: (inout RouteReading, JSON, String) -> Value?
    ) -> Bounds<Value>? {
        guard let value = fields[name] else { return nil }
        let path = fields.path(of: name)
        guard let ends = self.fields(value, path, known: ["above", "below"]) else { return nil }
        if ends["above"] == nil, ends["below"] == nil {
            report(path, "no bound is given", "write above, below or both")
        }
        let bounds = Bounds<Value>(
            above: ends["above"].flatMap { read(&self, $0, ends.path(of: "above")) },
            below: ends["below"].flatMap { read(&self, $0, ends.path(of: "below")) })
        if let above = bounds.above, let below = bounds.below, above >= below {
            report(path, "nothing is \(bounds)", "write an above that is less than below")
        }
        return bounds
    }
}
