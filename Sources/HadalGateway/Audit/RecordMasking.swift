import HadalJSON
import HadalPrivacy
import HadalText

/// Takes personal data out of what is recorded with the policy `masked`, whatever the tenant's policy on personal data
/// says.
struct RecordMasking {
    /// An answer's: there is nobody whom a placeholder would be restored for.
    private static let filter = PrivacyFilter(policy: PrivacyPolicy(response: .init(standard: .redact)))

    /// Whether anything is not as it was.
    private(set) var hasChanged = false

    /// Tokens are left out: they say what the text would.
    mutating func question(_ question: JSON) -> JSON {
        guard var object = question.object else { return question }
        for (name, value) in object.members where name != "id" && name != "tenant" {
            switch name {
            case "tokens":
                object[name] = nil
                hasChanged = true
            case "inputs": object[name] = .array((value.array ?? []).map { input($0) })
            default: object[name] = redacted(value)
            }
        }
        return .object(object)
    }

    /// - Parameter hasMasks: what was sent has the values of placeholders in it.
    mutating func answer(_ answer: JSON, hasMasks: Bool) -> JSON {
        guard var object = answer.object else { return answer }
        for name in ["content", "reasoning", "calls"] { object[name] = object[name].map { redacted($0) } }
        if hasChanged { object["tokens"] = [] }
        if let sent = object["sent"] {
            object["sent"] = hasMasks ? nil : redacted(sent)
            hasChanged = hasChanged || hasMasks
        }
        return .object(object)
    }

    private mutating func input(_ value: JSON) -> JSON {
        guard value.array != nil else { return redacted(value) }
        hasChanged = true
        return []
    }

    private mutating func redacted(_ value: JSON) -> JSON {
        switch value {
        case .string(let text):
            let review = Self.filter.review(response: NormalisedText(text))
            guard !review.verdict.items.isEmpty else { return value }
            hasChanged = true
            return .string(review.text)
        case .array(let values): return .array(values.map { redacted($0) })
        case .object(var object):
            for (name, member) in object.members { object[name] = redacted(member) }
            return .object(object)
        case .null, .bool, .int, .double: return value
        }
    }
}
