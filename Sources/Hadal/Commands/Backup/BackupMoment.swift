import ArgumentParser
import Foundation

/// Which moment of a backup is meant.
struct BackupMoment: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "As it was then: 2026-11-29T08:15:00Z, or 90m, 12h, 2d ago. Default: the latest.", valueName: "time"))
    var at: String?

    /// nil: the latest.
    var time: Date? { at.flatMap { Date.parse($0) } }

    func validate() throws {
        if let at, Date.parse(at) == nil {
            throw ValidationError("--at is a time such as 2026-11-29T08:15:00Z, or 90m, 12h or 2d ago")
        }
    }
}
