import HadalJSON

/// A body of the administration's API, read member by member. What is not known is refused: a misspelt bound must not
/// be a bound that is missing.
struct ReleaseInput {
    private let object: JSON.Object
    private let path: String

    init(_ json: JSON, path: String = "", known: Set<String>) throws(ReleaseError) {
        guard let object = json.object else {
            throw .invalid(field: path.isEmpty ? "body" : path, problem: "must be an object")
        }
        self.object = object
        self.path = path
        for key in object.keys where !known.contains(key) {
            throw .invalid(
                field: path.isEmpty ? key : "\(path).\(key)",
                problem: "is not known; known are \(known.sorted().joined(separator: ", "))")
        }
    }

    private func value<Value>(
        _ key: String, _ kind: String, _ read: (JSON) -> Value?
    ) throws(ReleaseError) -> Value? {
        guard let json = object[key], !json.isNull else { return nil }
        guard let value = read(json) else { throw .invalid(field: name(key), problem: "must be \(kind)") }
        return value
    }

    func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    func text(_ key: String) throws(ReleaseError) -> String? { try value(key, "a text") { $0.string } }
    func int(_ key: String) throws(ReleaseError) -> Int? { try value(key, "a whole number") { $0.int } }
    func double(_ key: String) throws(ReleaseError) -> Double? { try value(key, "a number") { $0.double } }
    func bool(_ key: String) throws(ReleaseError) -> Bool? { try value(key, "true or false") { $0.bool } }
    func array(_ key: String) throws(ReleaseError) -> [JSON]? { try value(key, "a list") { $0.array } }
    func json(_ key: String) -> JSON? { object[key].flatMap { $0.isNull ? nil : $0 } }

    func share(_ key: String) throws(ReleaseError) -> TrafficShare? {
        try value(key, "a percentage from 0 to 100") { $0.double.flatMap(TrafficShare.init(percent:)) }
    }

    func choice<Value: RawRepresentable<String> & CaseIterable>(_ key: String) throws(ReleaseError) -> Value? {
        let all = Value.allCases.map(\.rawValue).joined(separator: ", ")
        return try value(key, "one of \(all)") { $0.string.flatMap(Value.init) }
    }

    func texts(_ key: String) throws(ReleaseError) -> [String: String]? {
        try value(key, "an object of texts") { json in
            guard let members = json.object?.members else { return nil }
            let pairs = members.compactMap { member in member.value.string.map { (member.key, $0) } }
            return pairs.count == members.count ? Dictionary(pairs) { $1 } : nil
        }
    }

    func required<Value>(_ key: String, _ value: Value?) throws(ReleaseError) -> Value {
        guard let value else { throw .invalid(field: name(key), problem: "is missing") }
        return value
    }
}
