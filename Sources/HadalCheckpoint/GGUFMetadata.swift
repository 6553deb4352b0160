/// The keys and values of a GGUF file, in the file's order. Lookups are by key and type: a key that is missing and one
/// of another type both give nil.
public struct GGUFMetadata: Sendable {
    public private(set) var keys: [String] = []
    private var values: [String: GGUFValue] = [:]

    public init() {}

    /// Reads, replaces, appends or (with nil) removes a value.
    public subscript(key: String) -> GGUFValue? {
        get { values[key] }
        set {
            if let newValue {
                if values.updateValue(newValue, forKey: key) == nil { keys.append(key) }
            } else if values.removeValue(forKey: key) != nil {
                keys.removeAll { $0 == key }
            }
        }
    }

    /// Text; bytes that are not UTF-8 became U+FFFD.
    public func string(_ key: String) -> String? { values[key]?.string }

    /// Any integer type.
    public func int(_ key: String) -> Int? { values[key]?.int }

    /// Any number.
    public func double(_ key: String) -> Double? { values[key]?.double }

    public func bool(_ key: String) -> Bool? { values[key]?.bool }

    public func array(_ key: String) -> GGUFArray? { values[key]?.array }

    public func strings(_ key: String) -> [String]? { values[key]?.array?.strings }

    /// An array of any number type.
    public func floats(_ key: String) -> [Float]? { values[key]?.array?.floats }

    /// An array of any integer type.
    public func ints(_ key: String) -> [Int]? { values[key]?.array?.ints }

    public func bools(_ key: String) -> [Bool]? { values[key]?.array?.bools }
}
