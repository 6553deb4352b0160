import Foundation

/// What went wrong with an upstream: requests that it lost or failed, not those that it refused as wrong.
public struct UpstreamErrors: Sendable {
    public private(set) var count = 0
    public private(set) var last: (time: Date, reason: String)?

    mutating func note(_ reason: String, at time: Date) {
        count += 1
        last = (time, reason)
    }
}
