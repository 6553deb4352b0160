/// What a version answered on a labelled set, by what was right.
public struct ConfusionMatrix: Sendable, Hashable {
    public struct Cell: Sendable, Hashable {
        public var actual: String
        public var predicted: String

        public init(actual: String, predicted: String) {
            self.actual = actual
            self.predicted = predicted
        }
    }

    public struct Class: Sendable, Hashable {
        public var name: String
        /// How many of it there are.
        public var support: Int
        /// Of those that were said to be it, how many are; nil where none was said to be.
        public var precision: Double?
        /// Of those that are it, how many were found; nil where there is none.
        public var recall: Double?
        /// The harmonic mean of both: 2·TP / (2·TP + FP + FN); nil where nothing is or was said to be it.
        public var f1: Double?
    }

    public private(set) var counts: [Cell: Int]

    public init(_ counts: [Cell: Int] = [:]) { self.counts = counts }

    public mutating func add(actual: String, predicted: String, count: Int = 1) {
        counts[Cell(actual: actual, predicted: predicted), default: 0] += count
    }

    public var total: Int { counts.values.reduce(0, +) }

    /// nil of an empty matrix.
    public var accuracy: Double? {
        let right = counts.reduce(0) { $1.key.actual == $1.key.predicted ? $0 + $1.value : $0 }
        return total == 0 ? nil : Double(right) / Double(total)
    }

    /// By name.
    public var classes: [Class] {
        let names = Set(counts.keys.flatMap { [$0.actual, $0.predicted] }).sorted()
        return names.map { name in
            let found = counts[Cell(actual: name, predicted: name)] ?? 0
            let actual = counts.reduce(0) { $1.key.actual == name ? $0 + $1.value : $0 }
            let predicted = counts.reduce(0) { $1.key.predicted == name ? $0 + $1.value : $0 }
            func part(_ count: Int, of whole: Int) -> Double? { whole == 0 ? nil : Double(count) / Double(whole) }
            return Class(
                name: name, support: actual, precision: part(found, of: predicted), recall: part(found, of: actual),
                f1: part(2 * found, of: actual + predicted))
        }
    }

    /// The mean of F1 over the classes that occur in the labelled set; nil where there is none.
    public var macroF1: Double? {
        let values = classes.filter { $0.support > 0 }.map { $0.f1 ?? 0 }
        return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}
