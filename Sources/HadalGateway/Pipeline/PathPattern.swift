import Foundation

/// A path to compare with: `*` stands for one segment that is not empty.
struct PathPattern: Sendable {
    private let wanted: [Substring]

    /// - Parameter path: from its first slash on.
    init(_ path: String) { wanted = PathPattern.segments(path) }

    static func segments(_ path: String) -> [Substring] {
        path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    }

    /// - Returns: what stands for each `*`, decoded; nil where the path is another.
    func names(in segments: [Substring]) -> [String]? {
        guard wanted.count == segments.count else { return nil }
        var names: [String] = []
        for (wanted, segment) in zip(wanted, segments) {
            if wanted == "*" {
                guard let text = segment.removingPercentEncoding, !text.isEmpty else { return nil }
                names.append(text)
            } else if wanted != segment {
                return nil
            }
        }
        return names
    }
}
