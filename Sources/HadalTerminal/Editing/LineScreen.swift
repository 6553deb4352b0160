/// What of an input is on the terminal, and how to bring it up to date.
struct LineScreen: Sendable {
    private let output: Terminal
    private let prompt: String
    private let continuation: String
    /// Rows between the top of what was drawn and the cursor.
    private var rowsAboveCursor = 0

    init(output: Terminal, prompt: String, continuation: String) {
        self.output = output
        self.prompt = ControlFilter.cleanLine(prompt)
        self.continuation = ControlFilter.cleanLine(continuation)
    }

    /// Draws the input over what was drawn before, in one write.
    mutating func draw(_ buffer: LineBuffer) throws {
        let size = output.size
        let layout = LineLayout(of: buffer, prompt: prompt, continuation: continuation, width: size.columns)
        let visible = layout.visibleRows(height: size.rows)
        var text = rowsAboveCursor > 0 ? "\u{1B}[\(rowsAboveCursor)A" : ""
        text += "\r\u{1B}[J"
        for index in visible {
            if index > visible.lowerBound { text += "\r\n" }
            let row = layout.rows[index]
            text += output.wantsColour && !row.prompt.isEmpty ? Style.dim(row.prompt) : row.prompt
            text += row.text
        }
        let rowsBelow = visible.upperBound - 1 - layout.cursorRow
        if rowsBelow > 0 { text += "\u{1B}[\(rowsBelow)A" }
        text += "\r"
        if layout.cursorColumn > 0 { text += "\u{1B}[\(layout.cursorColumn)C" }
        rowsAboveCursor = layout.cursorRow - visible.lowerBound
        try output.write(text)
    }

    /// Clears the terminal; the input is drawn next at its top.
    mutating func clear() throws {
        rowsAboveCursor = 0
        try output.write("\u{1B}[H\u{1B}[2J")
    }

    /// Leaves the input standing; what is drawn next begins below it.
    mutating func leave(_ buffer: LineBuffer) throws {
        var buffer = buffer
        buffer.moveToEnd()
        try draw(buffer)
        try output.write("\n")
        rowsAboveCursor = 0
    }

    func bell() throws { try output.write("\u{7}") }
}
