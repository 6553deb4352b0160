/// Guesses what somebody meant.
enum Suggestion {
    static func advice(for name: String, among known: [String]) -> String {
        if let nearest = nearest(to: name, among: known) { return "did you mean '\(nearest)'?" }
        let groups = Set(
            SettingCatalog.all.filter { SettingPath.key(of: $0.path) == name }.map { SettingPath.group(of: $0.path) })
        if groups.count == 1, let group = groups.first, !group.isEmpty { return "it belongs under '\(group)'" }
        return "known here: \(known.joined(separator: ", "))"
    }

    /// The known name that takes the fewest edits, at most one for each three characters.
    static func nearest(to name: String, among known: [String]) -> String? {
        // No name of ours is so long, and distances take the product of the lengths.
        guard name.count <= 64 else { return nil }
        let name = name.lowercased()
        if name.count > 2, let longer = known.first(where: { $0.lowercased().hasPrefix(name) }) { return longer }
        let distances = known.map { (name: $0, edits: distance(Array(name.utf8), Array($0.lowercased().utf8))) }
        guard let best = distances.min(by: { $0.edits < $1.edits }), best.edits <= max(1, name.utf8.count / 3) else {
            return nil
        }
        return best.name
    }

    /// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for i in left.indices {
            var current = [i + 1]
            for j in right.indices {
                var edits = min(last[j + 1], current[j]) + 1
                edits = min(edits, last[j] + (left[i] == right[j] ? 0 : 1))
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    edits = min(edits, beforeLast[j - 1] + 1)
                }
                current.append(edits)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
