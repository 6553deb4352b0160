import HadalJSON
import HadalTemplates
import HadalTokenization

/// Writes a conversation as token ids, so that control tokens come from the template alone.
///
/// A caller's text may contain a control token's text (`<｜Assistant｜>`), or parts of one that a template joins. So every
/// scalar of the caller's that can begin such a text (`<`) is masked by a private-use scalar which occurs nowhere in the
/// caller's words; the template is rendered; control tokens are looked for; and only then do the masks come off. One
/// scalar stands for one, so a template that counts or cuts characters does what it does without masks.
package struct PromptEncoder: Sendable {
    let tokenizer: any Tokenizer
    /// Signs that begin a control token's text.
    private let openings: Set<Unicode.Scalar>
    /// Control tokens that begin with a letter, a digit or white space. Masking all those would blind templates, so they
    /// are masked where they stand whole.
    private let words: [[Unicode.Scalar]]

    package init(_ tokenizer: any Tokenizer) {
        self.tokenizer = tokenizer
        var openings: Set<Unicode.Scalar> = []
        var words: [[Unicode.Scalar]] = []
        for text in tokenizer.controlTexts {
            guard let first = text.unicodeScalars.first else { continue }
            if first.properties.isAlphabetic || first.properties.numericType != nil || first.properties.isWhitespace {
                words.append(Array(text.unicodeScalars))
            } else {
                openings.insert(first)
            }
        }
        self.openings = openings
        self.words = words
    }

    /// - Parameter ownTexts: texts of ours in system messages; control tokens in them are meant.
    /// - Returns: the ids, and the text they stand for.
    package func encode(
        _ format: ChatFormat, messages: [JSON], tools: [JSON]?, addGenerationPrompt: Bool, variables: JSON.Object,
        continuation: PromptContinuation? = nil, ownTexts: [String] = []
    ) throws -> (tokens: [Int32], text: String) {
        var masks = Masks(openings: openings, words: words, ownTexts: ownTexts)
        for value in messages { masks.avoid(value) }
        for value in tools ?? [] { masks.avoid(value) }
        masks.avoid(.object(variables))
        for text in continuation?.texts ?? [] { masks.avoid(.string(text)) }
        guard masks.suffice else {
            throw EngineError.invalidText("the conversation uses up the private-use characters of Unicode")
        }
        var text = try format.render(
            messages: messages.map { masks.message($0) }, tools: tools?.map { masks.value($0) },
            addGenerationPrompt: addGenerationPrompt,
            variables: JSON.Object(variables.members.map { ($0.key, masks.value($0.value)) }))
        for part in continuation?.parts(after: text) ?? [] {
            switch part {
            case .markup(let markup): text += markup
            case .words(let words): text += masks.words(words)
            }
        }
        return (tokenizer.encode(text, unmasking: masks.originals), masks.removed(from: text))
    }
}

/// The masks of one prompt.
private struct Masks {
    let openings: Set<Unicode.Scalar>
    let words: [[Unicode.Scalar]]
    /// What each mask stands for.
    private(set) var originals: [Unicode.Scalar: Unicode.Scalar] = [:]
    private var masks: [Unicode.Scalar: Unicode.Scalar] = [:]
    private var avoided: Set<UInt32> = []
    /// Private use, planes 15 and 16.
    private static let candidates: ClosedRange<UInt32> = 0xF0000...0x10FFFF
    private var next = Masks.candidates.lowerBound

    /// Templates look for these in what the assistant said before, to leave its reasoning out.
    private static let reasoningTags = ["<think>", "</think>"].map { Array($0.unicodeScalars) }

    private let ownTexts: [[Unicode.Scalar]]

    init(openings: Set<Unicode.Scalar>, words: [[Unicode.Scalar]], ownTexts: [String]) {
        self.openings = openings
        self.words = words
        self.ownTexts = ownTexts.map { Array($0.unicodeScalars) }
    }

    /// Whether there are enough for every kind of scalar that may have to be masked.
    var suffice: Bool {
        avoided.count + openings.count + words.count <= Masks.candidates.count
    }

    /// What occurs in `value` will not be a mask.
    mutating func avoid(_ value: JSON) {
        switch value {
        case .string(let text): avoid(text)
        case .array(let values): for value in values { avoid(value) }
        case .object(let object):
            for member in object.members {
                avoid(member.key)
                avoid(member.value)
            }
        default: break
        }
    }

    private mutating func avoid(_ text: String) {
        for scalar in text.unicodeScalars where Masks.candidates.contains(scalar.value) { avoided.insert(scalar.value) }
    }

    mutating func message(_ message: JSON) -> JSON {
        let kept: [[Unicode.Scalar]]
        switch message["role"] {
        case "assistant": kept = Masks.reasoningTags
        case "system": kept = ownTexts
        default: return value(message)
        }
        guard let object = message.object else { return value(message) }
        var result = JSON.Object()
        for (key, member) in object.members {
            if key == "content", case .string(let text) = member {
                result[key] = .string(masked(text, keeping: kept))
            } else {
                result[masked(key)] = value(member)
            }
        }
        return .object(result)
    }

    mutating func value(_ value: JSON) -> JSON {
        switch value {
        case .string(let text): return .string(masked(text))
        case .array(let values): return .array(values.map { self.value($0) })
        case .object(let object):
            return .object(JSON.Object(object.members.map { (masked($0.key), self.value($0.value)) }))
        default: return value
        }
    }

    mutating func words(_ text: String) -> String { masked(text) }

    private mutating func masked(_ text: String, keeping kept: [[Unicode.Scalar]] = []) -> String {
        let scalars = Array(text.unicodeScalars)
        var result = String.UnicodeScalarView()
        var changed = false
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            if let tag = kept.first(where: { scalars[index...].starts(with: $0) }) {
                result.append(contentsOf: tag)
                index += tag.count
                continue
            }
            if openings.contains(scalar) || words.contains(where: { scalars[index...].starts(with: $0) }) {
                result.append(mask(for: scalar))
                changed = true
            } else {
                result.append(scalar)
            }
            index += 1
        }
        return changed ? String(result) : text
    }

    private mutating func mask(for scalar: Unicode.Scalar) -> Unicode.Scalar {
        if let mask = masks[scalar] { return mask }
        while avoided.contains(next) { next += 1 }
        let mask = Unicode.Scalar(next)!
        next += 1
        masks[scalar] = mask
        originals[mask] = scalar
        return mask
    }

    func removed(from text: String) -> String {
        guard !originals.isEmpty else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { result.append(originals[scalar] ?? scalar) }
        return String(result)
    }
}
