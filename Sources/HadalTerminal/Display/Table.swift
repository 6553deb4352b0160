/// A listing in aligned columns of plain text. Chinese and emoji count double, as terminals draw them.
public struct Table: Sendable {
    public struct Column: Sendable {
        public enum Alignment: Sendable { case leading, trailing }

        public var title: String
        public var alignment: Alignment
        /// Whether the column gives way when the table is wider than the terminal.
        public var shrinks: Bool

        public init(_ title: String, alignment: Alignment = .leading, shrinks: Bool = false) {
            self.title = title
            self.alignment = alignment
            self.shrinks = shrinks
        }
    }

    public let columns: [Column]
    public private(set) var rows: [[String]] = []

    /// Cells between two columns.
    private static let gap = 2
    /// A column is not shrunk below this many cells.
    private static let narrowest = 8

    public init(_ columns: [Column]) {
        self.columns = columns
    }

    /// Adds a row. Line feeds and controls in cells become spaces or go.
    /// - Precondition: one cell a column.
    public mutating func append(_ cells: [String]) {
        precondition(cells.count == columns.count, "\(cells.count) cells for \(columns.count) columns")
        rows.append(cells.map(ControlFilter.cleanLine))
    }

    /// The lines, each ended by a line feed, without trailing spaces; the titles first unless all are empty.
    /// - Parameter width: cells to stay within by shortening the columns that shrink; `nil` for no limit, as when the
    ///   output is no terminal.
    public func rendered(width: Int? = nil) -> String {
        var lines = rows
        if columns.contains(where: { !$0.title.isEmpty }) { lines.insert(columns.map(\.title), at: 0) }
        let widths = columnWidths(of: lines, within: width)
        var text = ""
        for cells in lines {
            var line = ""
            for (index, cell) in cells.enumerated() {
                let cell = cell.displayWidth > widths[index] ? cell.truncated(toDisplayWidth: widths[index]) : cell
                let padding = String(repeating: " ", count: widths[index] - cell.displayWidth)
                line += columns[index].alignment == .leading ? cell + padding : padding + cell
                if index + 1 < cells.count { line += String(repeating: " ", count: Self.gap) }
            }
            while line.last == " " { line.removeLast() }
            text += line + "\n"
        }
        return text
    }

    private func columnWidths(of lines: [[String]], within limit: Int?) -> [Int] {
        var widths = columns.indices.map { index in lines.map { $0[index].displayWidth }.max() ?? 0 }
        guard let limit else { return widths }
        var excess = widths.reduce(0, +) + Self.gap * max(0, columns.count - 1) - limit
        // The widest gives way first, so that short columns stay whole.
        while excess > 0 {
            let candidates = columns.indices.filter { columns[$0].shrinks && widths[$0] > Self.narrowest }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }
}
