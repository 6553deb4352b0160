/// A listing in aligned columns of plain text. Chinese and emoji count double, as terminals draw them.
public struct Table: Sendable {
    private let lines: [[String]]
    private let numbers: Set<Int>

    /// Cells between two columns.
    private static let gap = 2

    /// Line feeds and controls in cells become spaces or go.
    /// - Parameter numbers: the columns that end at the right, counted from 0.
    /// - Precondition: one cell a column.
    public init(header: [String], rows: [[String]], numbers: Set<Int> = []) {
        precondition(rows.allSatisfy { $0.count == header.count }, "a row has not \(header.count) cells")
        lines = ([header] + rows).map { $0.map(ControlFilter.cleanLine) }
        self.numbers = numbers
    }

    /// The lines, the header first, without trailing spaces; the last is not ended by a line feed.
    public var text: String {
        let widths = lines[0].indices.map { column in lines.map { $0[column].displayWidth }.max()! }
        return lines.map { cells in
            var line = ""
            for (column, cell) in cells.enumerated() {
                if column > 0 { line += String(repeating: " ", count: Self.gap) }
                let padding = String(repeating: " ", count: widths[column] - cell.displayWidth)
                line += numbers.contains(column) ? padding + cell : cell + padding
            }
            while line.last == " " { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }
}
