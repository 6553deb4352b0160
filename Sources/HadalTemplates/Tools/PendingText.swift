/// Text that has come and is not understood yet, read from its beginning.
struct PendingText: Sendable {
    enum Match { case yes, no, undecided }

    private var scalars: [Unicode.Scalar] = []
    private var start = 0
    /// Nothing follows: what is undecided now stays so.
    var isFinal = false

    var isEmpty: Bool { start == scalars.count }
    var first: Unicode.Scalar? { start < scalars.count ? scalars[start] : nil }

    mutating func append(_ text: String) {
        // Moved to the front once more is read than is left, so that each scalar is moved once at most.
        if start > scalars.count - start {
            scalars.removeFirst(start)
            start = 0
        }
        scalars.append(contentsOf: text.unicodeScalars)
    }

    mutating func skip(_ count: Int) { start += count }

    /// Whether the text begins with `literal`; undecided while it is shorter.
    func matches(_ literal: [Unicode.Scalar]) -> Match {
        for (index, scalar) in literal.enumerated() {
            guard start + index < scalars.count else { return isFinal ? .no : .undecided }
            guard scalars[start + index] == scalar else { return .no }
        }
        return .yes
    }

    /// Whether all the text that is left begins `literal`.
    func isBeginning(of literal: [Unicode.Scalar]) -> Bool { literal.starts(with: scalars[start...]) }

    /// The text before `literal`, which must come within `limit` scalars; undecided while it has not come.
    func text(before literal: [Unicode.Scalar], limit: Int) -> (match: Match, text: [Unicode.Scalar]) {
        var index = start
        while index < scalars.count {
            if index - start > limit { return (.no, []) }
            if scalars[index...].starts(with: literal) { return (.yes, Array(scalars[start..<index])) }
            index += 1
        }
        return (isFinal ? .no : .undecided, [])
    }

    mutating func removeAll() { start = scalars.count }

    static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }
}
