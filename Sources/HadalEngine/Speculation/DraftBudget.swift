/// How many guesses a step should carry: as many as bring the most tokens a second.
///
/// What a step costs is measured, by its rows: memory-bound steps cost little more with a few rows more, and where
/// arithmetic binds, guesses do not pay. So speculation ends by itself where the batch is large or the guesses are bad.
package struct DraftBudget: Sendable {
    /// A step without guesses comes at least this often, to know what it costs now: texts grow longer.
    private static let stepsBetweenPlain = 32
    private static let weightOfNewest = 0.25

    /// Seconds of a step by its rows; nil where none was measured.
    private var seconds: [Double?] = []
    private var sincePlain = 0

    package init() {}

    /// A step in which every text decoded took this long.
    /// - Parameter sequences: that decoded; the other rows were guesses.
    package mutating func record(sequences: Int, rows: Int, seconds new: Double) {
        sincePlain = rows == sequences ? 0 : sincePlain + 1
        if rows >= seconds.count { seconds += Array(repeating: nil, count: rows + 1 - seconds.count) }
        seconds[rows] = seconds[rows].map { $0 + Self.weightOfNewest * (new - $0) } ?? new
    }

    /// What a step of so many rows costs: measured, between two that were measured, or, so that it is tried, as little as
    /// the next smaller one.
    package func cost(rows: Int) -> Double? {
        guard let low = seconds.prefix(rows + 1).lastIndex(where: { $0 != nil }) else { return nil }
        let below = seconds[low]!
        guard low < rows, let high = seconds.indices.dropFirst(rows + 1).first(where: { seconds[$0] != nil }) else {
            return below
        }
        return below + (seconds[high]! - below) * Double(rows - low) / Double(high - low)
    }

    /// How many guesses to make for each text.
    /// - Parameters:
    ///   - possible: for each text that decodes, how many guesses could be made, and how likely each is right if those
    ///     before it are.
    ///   - rowsMax: of the step.
    package func counts(_ possible: [(count: Int, probability: Double)], rowsMax: Int) -> [Int] {
        var counts = Array(repeating: 0, count: possible.count)
        guard sincePlain < Self.stepsBetweenPlain, let plain = cost(rows: possible.count), plain > 0 else {
            return counts
        }
        // The likeliest first; a guess is less likely than the one it builds on.
        var chances = possible.map(\.probability)
        var tokens = Double(possible.count)
        var best = (rate: tokens / plain, counts: counts)
        for rows in possible.count + 1..<max(rowsMax, possible.count) + 1 {
            let open = possible.indices.filter { counts[$0] < possible[$0].count }
            guard let next = open.max(by: { chances[$0] < chances[$1] }) else { break }
            counts[next] += 1
            tokens += chances[next]
            chances[next] *= possible[next].probability
            let rate = tokens / cost(rows: rows)!
            if rate > best.rate { best = (rate, counts) }
        }
        return best.counts
    }
}
