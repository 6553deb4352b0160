import Foundation
import HadalJSON
import HadalRouting

/// What administrators see of routes: those that count now, and how their targets are.
struct Routing: Sendable {
    let table: RouteTable
    let targets: RouteTargets

    /// `routes` as they are configured, and `targets` (`TargetState.status`).
    var status: JSON { ["routes": table.json, "targets": targets.dispatcher.status(at: .now)] }
}
