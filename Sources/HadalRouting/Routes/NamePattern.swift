/// A name in which `*` stands for any text, also none.
public struct NamePattern: Sendable, Hashable, CustomStringConvertible {
    public let description: String

    public init(_ text: String) { description = text }

    /// Takes the first place for what stands after each `*`, and goes back only to the last one: time is at most the
    /// product of both lengths.
    public func matches(_ name: String) -> Bool {
        let (pattern, name) = (Array(description.utf8), Array(name.utf8))
        var (place, position) = (0, 0)
        var retry: (place: Int, position: Int)?
        while position < name.count {
            if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
                place += 1
                retry = (place, position)
            } else if place < pattern.count, pattern[place] == name[position] {
                place += 1
                position += 1
            } else if let last = retry {
                place = last.place
                position = last.position + 1
                retry = (place, position)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
