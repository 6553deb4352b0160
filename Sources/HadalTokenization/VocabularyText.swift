import HadalCheckpoint
import HadalJSON

/// The pieces of a file as it writes them, with their ids: one array of bytes, no string for each.
struct PieceList {
    struct Entry {
        var start: UInt32
        var count: UInt32
        var id: Int
    }

    var text: ContiguousArray<UInt8> = []
    var entries: [Entry] = []

    /// Reads an object of pieces and ids.
    init(_ reader: inout JSONReader) throws {
        try reader.forEachMember { name, value in
            entries.append(Entry(start: UInt32(text.count), count: UInt32(name.count), id: try value.int()))
            text.append(contentsOf: name)
        }
    }
}

/// The merges of a file in order of rank, likewise.
struct MergeList {
    struct Entry {
        var start: UInt32
        var leftCount: UInt32
        var rightCount: UInt32
    }

    /// Left and right piece of each merge, without a space between.
    var text: ContiguousArray<UInt8> = []
    var entries: [Entry] = []
    /// The first entry that is no pair of pieces.
    var firstMalformed: Int?

    init() {}

    /// Reads an array of `"left right"` or `["left", "right"]`.
    init(_ reader: inout JSONReader) throws {
        var line = ContiguousArray<UInt8>()
        try reader.forEachElement { element in
            line.removeAll(keepingCapacity: true)
            switch element.kind {
            case .string:
                try element.string(into: &line)
                append(line: line)
            case .array:
                var counts: [Int] = []
                try element.forEachElement { part in
                    let start = line.count
                    try part.string(into: &line)
                    counts.append(line.count - start)
                }
                append(line, leftCount: counts.count == 2 ? counts[0] : 0)
            default:
                _ = try element.value()
                append(line, leftCount: 0)
            }
        }
    }

    /// Adds a merge written with a single space between the pieces.
    mutating func append(line: some Collection<UInt8>) {
        guard let space = line.firstIndex(of: 0x20) else { return append(line, leftCount: 0) }
        let left = line[..<space]
        let right = line[line.index(after: space)...]
        guard !right.contains(0x20) else { return append(line, leftCount: 0) }
        let start = text.count
        text.append(contentsOf: left)
        text.append(contentsOf: right)
        note(start: start, leftCount: left.count)
    }

    private mutating func append(_ pieces: some Collection<UInt8>, leftCount: Int) {
        let start = text.count
        text.append(contentsOf: pieces)
        note(start: start, leftCount: leftCount)
    }

    private mutating func note(start: Int, leftCount: Int) {
        let rightCount = text.count - start - leftCount
        if leftCount == 0 || rightCount == 0 { firstMalformed = firstMalformed ?? entries.count }
        entries.append(
            Entry(start: UInt32(start), leftCount: UInt32(leftCount), rightCount: UInt32(rightCount)))
    }
}
