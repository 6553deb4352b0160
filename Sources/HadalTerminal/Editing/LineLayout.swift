/// How an input lies on the screen: its rows, broken at the terminal's width, and where the cursor stands.
package struct LineLayout: Sendable, Equatable {
    /// Without prompts' colours; never wider than the terminal.
    package var rows: [Row]
    package var cursorRow: Int
    package var cursorColumn: Int

    package struct Row: Sendable, Equatable {
        package var prompt = ""
        package var text = ""

        package init(prompt: String = "", text: String = "") {
            self.prompt = prompt
            self.text = text
        }
    }

    /// A tab is drawn as this many spaces.
    private static let tabWidth = 4

    /// - Parameters:
    ///   - prompt: before the first line; `continuation` before the others.
    ///   - width: the terminal's columns.
    package init(of buffer: LineBuffer, prompt: String, continuation: String, width: Int) {
        let width = max(width, max(prompt.displayWidth, continuation.displayWidth) + 2)
        rows = [Row(prompt: prompt)]
        cursorRow = 0
        cursorColumn = 0
        var column = prompt.displayWidth
        func lay(_ text: String) {
            for character in text {
                if character == "\n" {
                    rows.append(Row(prompt: continuation))
                    column = continuation.displayWidth
                    continue
                }
                let drawn = character == "\t" ? String(repeating: " ", count: Self.tabWidth) : String(character)
                // No character is wider than an empty row, but a monstrous cluster is cut short.
                let cells = min(character == "\t" ? Self.tabWidth : character.displayWidth, width)
                if column + cells > width {
                    rows.append(Row())
                    column = 0
                }
                rows[rows.count - 1].text += drawn
                column += cells
            }
        }
        lay(buffer.before)
        // Behind a full row the cursor stands at the beginning of the next.
        if column >= width {
            rows.append(Row())
            column = 0
        }
        cursorRow = rows.count - 1
        cursorColumn = column
        lay(buffer.after)
    }

    /// The rows shown where the terminal has only `height`: those around the cursor.
    package func visibleRows(height: Int) -> Range<Int> {
        let height = max(1, height)
        guard rows.count > height else { return 0..<rows.count }
        let first = min(max(0, cursorRow - height + 1), rows.count - height)
        return first..<first + height
    }
}
