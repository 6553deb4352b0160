/// What stands in a text instead of a value: `[PHONE_1]`.
struct Placeholder: Sendable, Hashable {
    let label: Label
    /// From 1 on.
    let number: Int

    var text: String { "[\(label.text)_\(number)]" }

    enum Label: Sendable, Hashable {
        case kind(PersonalDataKind)
        /// For text that looks like a placeholder in use without being one.
        case text

        static let all: [Label] = PersonalDataKind.allCases.map { .kind($0) } + [.text]

        var text: String {
            switch self {
            case .kind(let kind): kind.label
            case .text: "TEXT"
            }
        }
    }
}
