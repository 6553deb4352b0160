/// A name in which `*` stands for any text.
public struct NamePattern: Sendable, Hashable, CustomStringConvertible {
    public let description: String
    private let parts: [[UInt8]]

    public init(_ text: String) {
        description = text
        parts = text.split(separator: "*", omittingEmptySubsequences: false).map { Array($0.utf8) }
    }

    /// Takes the first place for each part, which leaves most for the next.
    public func matches(_ name: String) -> Bool {
        guard parts.count > 1, let first = parts.first, let last = parts.last else { return name == description }
        var name = name
        return name.withUTF8 { name in
            guard name.count >= first.count + last.count, name.starts(with: first) else { return false }
            guard name[(name.count - last.count)...].elementsEqual(last) else { return false }
            var rest = name[first.count..<name.count - last.count]
            for part in parts.dropFirst().dropLast() where !part.isEmpty {
                var start = rest.startIndex
                while start + part.count <= rest.endIndex, !rest[start...].starts(with: part) { start += 1 }
                guard start + part.count <= rest.endIndex else { return false }
                rest = rest[(start + part.count)...]
            }
            return true
        }
    }
}
