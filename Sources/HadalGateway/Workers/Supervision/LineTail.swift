/// The last lines of what a process writes, as far as memory is set aside for them.
struct LineTail: Sendable {
    private static let linesMax = 50
    /// Of a line; what is longer is cut.
    private static let bytesMax = 1000

    private var whole: [[UInt8]] = []
    private var begun: [UInt8] = []

    mutating func feed(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\n"):
                if whole.count == Self.linesMax { whole.removeFirst() }
                whole.append(begun)
                begun.removeAll(keepingCapacity: true)
            default: if begun.count < Self.bytesMax { begun.append(byte) }
            }
        }
    }

    /// The line that is not ended yet is the last.
    var lines: [String] {
        (whole + (begun.isEmpty ? [] : [begun])).suffix(Self.linesMax).map { String(decoding: $0, as: UTF8.self) }
    }
}
