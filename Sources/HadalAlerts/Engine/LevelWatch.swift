import Foundation

/// Whether one level of an alert is reached: pending while the threshold is passed, firing when it was for long enough,
/// and over when the value came back far enough for long enough.
struct LevelWatch: Sendable, Hashable, Codable {
    /// Since when the threshold is passed.
    private(set) var since: Date?
    private(set) var isFiring = false
    private var clearSince: Date?

    var isIdle: Bool { since == nil }

    /// - Parameters:
    ///   - isBeyond: whether the threshold is passed.
    ///   - isNear: whether it is passed, or the value has not come back far enough.
    mutating func look(isBeyond: Bool, isNear: Bool, holds: TimeInterval, eases: TimeInterval, now: Date) {
        if !isFiring {
            guard isBeyond else {
                self = LevelWatch()
                return
            }
            since = since ?? now
            isFiring = now >= since! + holds
        } else if isNear {
            clearSince = nil
        } else {
            clearSince = clearSince ?? now
            if now >= clearSince! + eases { self = LevelWatch() }
        }
    }

    /// Nobody looked for a while: what was pending may have been over in between.
    var resumed: LevelWatch {
        guard isFiring else { return LevelWatch() }
        var copy = self
        copy.clearSince = nil
        return copy
    }
}
