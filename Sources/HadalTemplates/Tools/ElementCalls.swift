import HadalJSON

/// Calls in DSML, with an element for each argument: DeepSeek-V3.2 and V4.
enum ElementPlace: Hashable, Sendable {
    /// Before a call or the end of them.
    case block
    /// In the tag that begins a call.
    case invocation
    /// Before an argument or the end of the call.
    case arguments
    /// In the tag that begins an argument.
    case parameter
    case value(isText: Bool)
}

/// The call being read.
struct ToolElement: Sendable {
    var argumentCount = 0
    /// A value that is JSON, until it is complete.
    var value: [Unicode.Scalar] = []
}

extension ToolCallParser {
    private static let open = Array("<\(DSML.token)invoke".unicodeScalars)
    private static let close = Array("</\(DSML.token)invoke>".unicodeScalars)
    private static let parameterOpen = Array("<\(DSML.token)parameter".unicodeScalars)
    private static let parameterClose = Array("</\(DSML.token)parameter>".unicodeScalars)
    private static let blockCloses = ["function_calls", "tool_calls"].map {
        Array("</\(DSML.token)\($0)>".unicodeScalars)
    }
    private static let tagLimit = 512

    mutating func stepElement(_ place: ElementPlace) -> Bool {
        switch place {
        case .block: return stepBlock()
        case .invocation: return stepInvocation()
        case .arguments: return stepElements()
        case .parameter: return stepParameter()
        case .value(let isText): return isText ? stepText() : stepValue()
        }
    }

    private mutating func stepBlock() -> Bool {
        guard skipSpace() != nil else { return false }
        switch pending.matches(Self.open) {
        case .yes:
            consume(Self.open.count)
            element = ToolElement()
            state = .element(.invocation)
            return true
        case .undecided: return false
        case .no: break
        }
        for blockClose in Self.blockCloses {
            switch pending.matches(blockClose) {
            case .yes:
                pending.skip(blockClose.count)
                leave()
                return true
            case .undecided: return false
            case .no: if pending.isFinal, pending.isBeginning(of: blockClose) { pending.removeAll() }
            }
        }
        if !pending.isEmpty { leaveMarks() }
        return true
    }

    private mutating func stepInvocation() -> Bool {
        let (match, tag) = pending.text(before: [">"], limit: Self.tagLimit)
        guard match != .undecided else { return false }
        guard match == .yes, let name = Self.attribute("name", in: tag), !name.isEmpty else {
            fail("a tool call names no tool")
            return true
        }
        consume(tag.count + 1)
        begin(name: name)
        state = .element(.arguments)
        return true
    }

    private mutating func stepElements() -> Bool {
        guard skipSpace() != nil else { return false }
        switch (pending.matches(Self.parameterOpen), pending.matches(Self.close)) {
        case (.yes, _):
            consume(Self.parameterOpen.count)
            state = .element(.parameter)
        case (_, .yes):
            consume(Self.close.count)
            arguments(element.argumentCount == 0 ? "{}" : "}")
            end()
            state = .element(.block)
        case (.undecided, _), (_, .undecided): return false
        default: fail("something between the arguments of a tool call")
        }
        return true
    }

    private mutating func stepParameter() -> Bool {
        let (match, tag) = pending.text(before: [">"], limit: Self.tagLimit)
        guard match != .undecided else { return false }
        guard match == .yes, let name = Self.attribute("name", in: tag) else {
            fail("an argument of a tool call has no name")
            return true
        }
        consume(tag.count + 1)
        let isText = Self.attribute("string", in: tag) != "false"
        arguments(
            (element.argumentCount == 0 ? "{" : ", ") + JSON.quoted(name) + ": " + (isText ? "\"" : ""))
        element.argumentCount += 1
        element.value = []
        state = .element(.value(isText: isText))
        return true
    }

    /// A text is passed on as it comes.
    private mutating func stepText() -> Bool {
        var text = ""
        while let scalar = pending.first {
            if isTooLong {
                arguments(text)
                fail("a tool call is too long")
                return true
            }
            // Half a mark at the end is no text.
            if pending.isFinal, scalar == "<", pending.isBeginning(of: Self.parameterClose) { pending.removeAll() }
            switch pending.matches(Self.parameterClose) {
            case _ where pending.isEmpty, .undecided:
                arguments(text)
                return false
            case .yes:
                consume(Self.parameterClose.count)
                arguments(text + "\"")
                state = .element(.arguments)
                return true
            case .no:
                consume(1)
                text += JSONScanner.escaped(scalar)
            }
        }
        arguments(text)
        return false
    }

    /// JSON is passed on when it is complete: what is none is taken for text.
    private mutating func stepValue() -> Bool {
        while let scalar = pending.first {
            if isTooLong {
                fail("a tool call is too long")
                return true
            }
            switch pending.matches(Self.parameterClose) {
            case .undecided: return false
            case .yes:
                consume(Self.parameterClose.count)
                let text = PendingText.string(element.value).stripped(of: nil)
                let (json, isTooDeep) = JSONScanner.value(text)
                if isTooDeep {
                    fail("the arguments of a tool call nest too deep")
                    return true
                }
                arguments(json ?? JSON.quoted(PendingText.string(element.value)))
                state = .element(.arguments)
                return true
            case .no:
                consume(1)
                element.value.append(scalar)
            }
        }
        return false
    }

    /// `name="value"` in a tag's text.
    private static func attribute(_ name: String, in tag: [Unicode.Scalar]) -> String? {
        let key = Array(" \(name)=\"".unicodeScalars)
        for start in tag.indices where tag[start...].starts(with: key) {
            let value = tag[(start + key.count)...]
            guard let end = value.firstIndex(of: "\"") else { return nil }
            return PendingText.string(value[..<end])
        }
        return nil
    }
}
