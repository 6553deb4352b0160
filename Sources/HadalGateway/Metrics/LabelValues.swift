/// The values of a series' labels, in the order of the metric's names. A fixed number of them, so that looking a series
/// up allocates nothing.
struct LabelValues: Sendable, Hashable, Comparable {
    static let limit = 4
    /// Stands for values that came when there were too many already.
    static let other = "other"
    /// Labels whose values an operator makes, tenants and models; those of others are few and stand in the code.
    private static let open: Set = ["tenant", "model"]

    private var first: String
    private var second: String
    private var third: String
    private var fourth: String

    init(_ first: String = "", _ second: String = "", _ third: String = "", _ fourth: String = "") {
        self.first = first
        self.second = second
        self.third = third
        self.fourth = fourth
    }

    /// The first so many.
    func prefix(_ count: Int) -> ArraySlice<String> { [first, second, third, fourth].prefix(count) }

    /// The same without what could be of any number.
    /// - Parameter names: of the labels.
    func gathered(_ names: [String]) -> LabelValues {
        func value(_ index: Int, _ value: String) -> String {
            index < names.count && Self.open.contains(names[index]) ? Self.other : value
        }
        return LabelValues(value(0, first), value(1, second), value(2, third), value(3, fourth))
    }

    static func < (left: LabelValues, right: LabelValues) -> Bool {
        (left.first, left.second, left.third, left.fourth) < (right.first, right.second, right.third, right.fourth)
    }
}
