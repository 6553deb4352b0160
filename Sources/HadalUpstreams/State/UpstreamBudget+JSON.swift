import Foundation
import HadalJSON
import HadalWire

extension UpstreamBudget {
    /// - Throws: where it is no budget that was saved.
    public init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        day = try Period(try FieldReader(try fields.required("day"), at: "day"))
        month = try Period(try FieldReader(try fields.required("month"), at: "month"))
        try fields.finish()
    }

    public var json: JSON { ["day": day.json, "month": month.json] }
}

extension UpstreamBudget.Period {
    init(_ fields: FieldReader) throws(WireError) {
        var fields = fields
        name = try fields.requiredString("name")
        let counts = 0...(1 << 60)
        requests = try fields.int("requests", in: counts) ?? 0
        promptTokens = try fields.int("prompt_tokens", in: counts) ?? 0
        cachedTokens = try fields.int("cached_tokens", in: counts) ?? 0
        completionTokens = try fields.int("completion_tokens", in: counts) ?? 0
        money = try fields.money("money") ?? 0
        try fields.finish()
    }

    /// Money is text: a double would lose parts of a cent.
    public var json: JSON {
        [
            "name": .string(name), "requests": .int(Int64(requests)), "prompt_tokens": .int(Int64(promptTokens)),
            "cached_tokens": .int(Int64(cachedTokens)), "completion_tokens": .int(Int64(completionTokens)),
            "money": .string("\(money)"),
        ]
    }
}
