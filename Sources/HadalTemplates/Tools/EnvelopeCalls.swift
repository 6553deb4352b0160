import HadalJSON

/// A call written as one JSON object that holds the name and the arguments, in whatever order.
struct ToolEnvelope: Sendable {
    enum Outcome: Hashable { case more, complete, invalid, noCall }

    private var scanner = JSONScanner()
    var isStarted: Bool { scanner.depth > 0 }
    /// The member being read, and its text where it is not passed on at once.
    private var key: String?
    private var text = ""
    private var isInValue = false
    private var isArguments = false
    private(set) var name: String?
    /// Arguments that came before the name.
    private var held = ""
    /// Whether the arguments are all there.
    private(set) var isComplete = false

    private static let nameKeys: Set<String> = ["name", "function"]
    private static let argumentKeys: Set<String> = ["arguments", "parameters"]
    private static let otherKeys: Set<String> = ["type", "id"]

    /// Takes the next scalar; arguments that may be passed on by now are added to `arguments`.
    ///
    /// - Parameter tools: where only these names, and no further members, make the object a call.
    mutating func push(_ scalar: Unicode.Scalar, tools: Set<String>?, arguments: inout String) -> Outcome {
        let (depth, place) = (scanner.depth, scanner.place)
        var output = ""
        let step = scanner.push(scalar, to: &output)
        if step == .invalid { return .invalid }
        if depth == 1, !isInValue {
            switch (place, scanner.place) {
            case (.key, .string), (.keyOrEnd, .string): text = output
            case (_, .string(isKey: true)), (_, .escape(isKey: true)), (_, .hexadecimal(isKey: true, _)): text += output
            case (.string(isKey: true), .colon):
                guard let key = ToolEnvelope.string(text + output) else { return .invalid }
                self.key = key
                if tools != nil, !Self.nameKeys.contains(key), !Self.argumentKeys.contains(key),
                    !Self.otherKeys.contains(key)
                {
                    return .noCall
                }
            case (.value, let next) where next != .value || scanner.depth > 1:
                isInValue = true
                isArguments = scalar == "{" && Self.argumentKeys.contains(key ?? "")
                text = ""
            default: break
            }
        }
        if isInValue {
            if isArguments {
                if name == nil { held += output } else { arguments += output }
            } else {
                text += output
            }
            if scanner.depth <= 1, !isInScalar {
                isInValue = false
                if let problem = endValue(tools: tools, arguments: &arguments) { return problem }
            }
        }
        guard step == .complete else { return .more }
        guard name != nil else { return tools == nil ? .invalid : .noCall }
        if !isComplete { arguments += "{}" }
        isComplete = true
        return .complete
    }

    private var isInScalar: Bool {
        switch scanner.place {
        case .string, .escape, .hexadecimal, .literal, .number: true
        default: false
        }
    }

    private mutating func endValue(tools: Set<String>?, arguments: inout String) -> Outcome? {
        let key = key ?? ""
        if Self.nameKeys.contains(key) {
            guard let name = ToolEnvelope.string(text), !name.isEmpty, self.name == nil else {
                return tools == nil ? .invalid : .noCall
            }
            if let tools, !tools.contains(name) { return .noCall }
            self.name = name
            arguments += held
            held = ""
        } else if Self.argumentKeys.contains(key) {
            guard !isComplete else { return .invalid }
            if !isArguments {
                // Some write the object as a string, or null for none.
                let inner = text.hasPrefix("null") ? "{}" : ToolEnvelope.string(text) ?? ""
                guard let json = try? JSON(parsing: inner), json.object != nil else { return .invalid }
                if name == nil { held += inner } else { arguments += inner }
            }
            isComplete = true
        }
        isArguments = false
        return nil
    }

    private static func string(_ literal: String) -> String? { (try? JSON(parsing: literal))?.string }
}

extension ToolCallParser {
    mutating func stepEnvelope(isBare: Bool) -> Bool {
        if !envelope.isStarted {
            guard let scalar = skipSpace() else { return false }
            guard scalar == "{" else {
                fail("a tool call is no JSON object")
                return true
            }
        }
        var text = ""
        while let scalar = pending.first {
            if isTooLong {
                if isBegun { arguments(text) }
                fail("a tool call is too long")
                return true
            }
            let outcome = envelope.push(scalar, tools: isBare ? tools : nil, arguments: &text)
            if outcome == .more || outcome == .complete { consume(1) }
            if !text.isEmpty, !isBegun, let name = envelope.name { begin(name: name) }
            switch outcome {
            case .more: continue
            case .complete:
                arguments(text)
                state = .envelopeTail(isBare: isBare)
            case .noCall: fail("", isQuiet: true)
            case .invalid:
                if isBegun { arguments(text) }
                // A last brace that was forgotten changes nothing.
                if envelope.isComplete, isBegun {
                    state = .envelopeTail(isBare: isBare)
                } else {
                    fail("a tool call is not JSON", isQuiet: isBare && !isBegun)
                }
            }
            return true
        }
        if isBegun { arguments(text) }
        return false
    }

    /// After a call, or after the tag before the first one.
    mutating func stepEnvelopeTail(isBare: Bool) -> Bool {
        guard let scalar = skipSpace(and: isBare ? [";"] : []) else { return false }
        let hasCall = isBegun
        if scalar == "{" {
            if hasCall { end() }
            envelope = ToolEnvelope()
            state = .envelope(isBare: isBare)
            return true
        }
        guard !isBare else {
            if hasCall { end() }
            leaveMarks()
            return true
        }
        let close = Array("</tool_call>".unicodeScalars)
        switch pending.matches(close) {
        case .undecided: return false
        case .yes: pending.skip(close.count)
        case .no: if pending.isFinal, pending.isBeginning(of: close) { pending.removeAll() }
        }
        end()
        leave()
        return true
    }
}
