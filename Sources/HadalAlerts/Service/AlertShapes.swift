import Foundation
import HadalJSON

extension Alert {
    /// - Parameter silence: by which nobody is told.
    func json(silence: Silence?) -> JSON {
        .compact([
            ("rule", .string(rule)), ("labels", labels.json), ("level", level.map { .string($0.rawValue) } ?? .null),
            ("pending", pendingLevel.map { .string($0.rawValue) }), ("value", value.isFinite ? .double(value) : .null),
            ("since", since.map { .string($0.formatted(.iso8601)) }), ("silence", silence.map { .string($0.id) }),
        ])
    }
}

extension Silence {
    public var json: JSON {
        .compact([
            ("id", .string(id)), ("rule", rule.map(JSON.string)), ("labels", labels.json),
            ("from", .string(from.formatted(.iso8601))), ("until", .string(until.formatted(.iso8601))),
            ("who", .string(who)), ("why", .string(why)),
        ])
    }
}

extension ChannelStatus {
    var json: JSON {
        .compact([
            ("name", .string(name)), ("kind", .string(kind)), ("from", .string(from.rawValue)),
            ("waiting", .int(Int64(waiting))), ("delivered", .int(Int64(delivered))), ("lost", .int(Int64(lost))),
            ("failing", .bool(isFailing)), ("last_delivery", lastDelivery.map { .string($0.formatted(.iso8601)) }),
            ("last_error", lastError.map(JSON.string)),
            ("last_error_time", lastErrorTime.map { .string($0.formatted(.iso8601)) }),
        ])
    }
}

extension Labels {
    fileprivate var json: JSON { .object(.init(pairs.map { ($0.name, .string($0.value)) })) }
}
