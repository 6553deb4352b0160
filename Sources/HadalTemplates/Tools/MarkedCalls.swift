/// Calls between marks: DeepSeek up to V3.1, Kimi.
enum MarkedPlace: Hashable, Sendable {
    /// Before a call or the end of them.
    case between
    /// Before the separator: the name, or the kind (`function`) where the name follows.
    case head
    case afterSeparator(head: String)
    case nameLine
    case fence(name: String)
    case arguments
    /// After the arguments.
    case tail
}

extension ToolCallParser {
    mutating func stepMarked(_ place: MarkedPlace, _ marks: ToolMarks) -> Bool {
        switch place {
        case .between: return stepBetween(marks)
        case .head:
            let separator = Array(marks.separator.unicodeScalars)
            let (match, head) = pending.text(before: separator, limit: 256)
            switch match {
            case .undecided: return false
            case .no: fail("a tool call names no tool")
            case .yes:
                consume(head.count + separator.count)
                state = .marked(.afterSeparator(head: trimmed(head)), marks)
            }
        case .afterSeparator(let head):
            guard let scalar = skipSpace() else { return false }
            if scalar == "{" {
                beginArguments(of: name(head, marks), marks)
            } else {
                return endWithoutArguments(of: name(head, marks), marks) { $0.state = .marked(.nameLine, marks) }
            }
        case .nameLine:
            let (match, line) = pending.text(before: ["\n"], limit: 256)
            switch match {
            case .undecided: return false
            case .no: fail("a tool call names no tool")
            case .yes:
                consume(line.count + 1)
                state = .marked(.fence(name: trimmed(line)), marks)
            }
        case .fence(let name):
            guard let scalar = skipSpace(and: ["`", "j", "s", "o", "n"]) else { return false }
            if scalar == "{" {
                beginArguments(of: name, marks)
            } else {
                return endWithoutArguments(of: name, marks) {
                    $0.fail("the arguments of a tool call are no JSON object")
                }
            }
        case .arguments: stepArguments(marks)
        case .tail: return stepTail(marks)
        }
        return true
    }

    /// Kimi numbers calls: `functions.NAME:0`.
    private func name(_ head: String, _ marks: ToolMarks) -> String {
        guard marks == .kimi else { return head }
        var name = head[...]
        if name.hasPrefix("functions.") { name = name.dropFirst("functions.".count) }
        if let colon = name.lastIndex(of: ":") { name = name[..<colon] }
        return String(name)
    }

    private func trimmed(_ scalars: [Unicode.Scalar]) -> String {
        PendingText.string(scalars).stripped(of: nil)
    }

    private mutating func beginArguments(of name: String, _ marks: ToolMarks) {
        guard !name.isEmpty else { return fail("a tool call names no tool") }
        begin(name: name)
        scanner = JSONScanner()
        state = .marked(.arguments, marks)
    }

    /// A call may have no arguments at all.
    private mutating func endWithoutArguments(
        of name: String, _ marks: ToolMarks, otherwise: (inout ToolCallParser) -> Void
    ) -> Bool {
        switch pending.matches(Array(marks.callEnd.unicodeScalars)) {
        case .undecided: return false
        case .no: otherwise(&self)
        case .yes where name.isEmpty: fail("a tool call names no tool")
        case .yes:
            begin(name: name)
            arguments("{}")
            state = .marked(.tail, marks)
        }
        return true
    }

    private mutating func stepArguments(_ marks: ToolMarks) {
        var text = ""
        while let scalar = pending.first {
            if isTooLong {
                arguments(text)
                return fail("a tool call is too long")
            }
            switch scanner.push(scalar, to: &text) {
            case .more: consume(1)
            case .complete:
                consume(1)
                arguments(text)
                state = .marked(.tail, marks)
                return
            case .invalid:
                arguments(text)
                return fail("the arguments of a tool call are not JSON")
            }
        }
        arguments(text)
    }

    private mutating func stepTail(_ marks: ToolMarks) -> Bool {
        guard skipSpace(and: ["`"]) != nil else { return false }
        let callEnd = Array(marks.callEnd.unicodeScalars)
        switch pending.matches(callEnd) {
        case .undecided: return false
        case .yes: pending.skip(callEnd.count)
        // Some forget it; half of it is as good.
        case .no: if pending.isFinal, pending.isBeginning(of: callEnd) { pending.removeAll() }
        }
        end()
        state = .marked(.between, marks)
        return true
    }

    private mutating func stepBetween(_ marks: ToolMarks) -> Bool {
        guard skipSpace() != nil else { return false }
        let callBegin = Array(marks.callBegin.unicodeScalars)
        let callsEnd = Array(marks.callsEnd.unicodeScalars)
        switch (pending.matches(callBegin), pending.matches(callsEnd)) {
        case (.yes, _):
            consume(callBegin.count)
            state = .marked(.head, marks)
        case (_, .yes):
            pending.skip(callsEnd.count)
            leave()
        case (.undecided, _), (_, .undecided): return false
        default:
            if pending.isFinal, pending.isBeginning(of: callsEnd) {
                pending.removeAll()
            } else {
                leaveMarks()
            }
        }
        return true
    }
}
