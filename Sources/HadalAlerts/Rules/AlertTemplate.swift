/// A sentence in which `{model}` stands for the value of the label `model`, and `{value}` for the value that the rule
/// looks at.
public struct AlertTemplate: Sendable, Hashable, ExpressibleByStringLiteral {
    private enum Part: Sendable, Hashable {
        case text(String)
        case label(String)
        case value
    }

    private let parts: [Part]

    public init(stringLiteral text: String) { self.init(text) }

    public init(_ text: String) {
        var parts: [Part] = []
        var rest = text[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            let name = rest[rest.index(after: open)..<close]
            if name.isEmpty || !name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }) {
                parts.append(.text(String(rest[...open])))
                rest = rest[rest.index(after: open)...]
                continue
            }
            parts.append(.text(String(rest[..<open])))
            parts.append(name == "value" ? .value : .label(String(name)))
            rest = rest[rest.index(after: close)...]
        }
        self.parts = (parts + [.text(String(rest))]).filter { $0 != .text("") }
    }

    /// Those that it names.
    var labels: Set<String> {
        Set(parts.compactMap { if case .label(let name) = $0 { name } else { nil } })
    }

    func filled(_ labels: Labels, value: Double, _ unit: AlertUnit) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text
            // Names come from elsewhere too.
            case .label(let name): AlertError.line(labels[name])
            case .value: unit.text(value)
            }
        }.joined()
    }

    /// For an annotation of a Prometheus rule (Go's text/template).
    func prometheus(_ unit: AlertUnit) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text.replacing("{{", with: #"{{ "{{" }}"#)
            case .label(let name): "{{ $labels.\(name) }}"
            case .value:
                "{{ $value | \(unit.prometheusFunction) }}" + (unit == .bytes ? "B" : "")
            }
        }.joined()
    }
}
