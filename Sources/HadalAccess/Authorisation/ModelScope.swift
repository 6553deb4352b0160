/// Which models somebody may use.
public enum ModelScope: Sendable, Hashable {
    case all
    /// Names; one that ends in `*` stands for all that begin so.
    case only(Set<String>)

    public func contains(_ model: String) -> Bool {
        switch self {
        case .all: true
        case .only(let names):
            names.contains { name in
                name.hasSuffix("*") ? model.hasPrefix(name.dropLast()) : model == name
            }
        }
    }

    /// What either contains.
    func union(_ other: ModelScope) -> ModelScope {
        switch (self, other) {
        case (.only(let names), .only(let others)): .only(names.union(others))
        default: .all
        }
    }

    /// Whether all that `other` contains is in it too. Of names that only together would contain one with a star, it
    /// says no.
    func covers(_ other: ModelScope) -> Bool {
        switch (self, other) {
        case (.all, _): true
        case (.only(let names), .all): names.contains("*")
        case (.only(let names), .only(let others)):
            others.allSatisfy { other in
                names.contains { $0 == other || $0.hasSuffix("*") && other.hasPrefix($0.dropLast()) }
            }
        }
    }
}
