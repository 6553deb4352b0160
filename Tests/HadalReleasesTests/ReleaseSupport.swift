import Foundation
import Logging
import Synchronization
import TestSupport
import Testing

@testable import HadalReleases

/// Wall time that moves when a test says so.
final class ManualClock: Sendable {
    private let time = Mutex(Date(timeIntervalSince1970: 1_800_000_000))

    var now: Date { time.withLock { $0 } }
    func advance(_ seconds: TimeInterval) { time.withLock { $0 += seconds } }
}

/// Workers and a router.
final class FakeWorld: Sendable {
    struct State: Sendable, Hashable {
        var up: Set<Int> = []
        var warm: Set<Int> = []
        var traffic: Traffic?
        /// Requests went to a version that was not ready.
        var wasServedUnready = false
    }

    let state = Mutex(State())

    var present: State { state.withLock { $0 } }

    /// As after the end of the process that held them.
    func reset() { state.withLock { $0 = State(wasServedUnready: $0.wasServedUnready) } }
}

struct Broken: Error, CustomStringConvertible {
    var description: String
}

/// Acts on a world; dies at a call, or fails where it is told to.
final class FakeActuator: ReleaseActuator {
    struct Crash: Sendable {
        var call: Int
        /// The act was done, and nobody has heard of it.
        var isAfter: Bool
    }

    private struct State {
        var calls: [String] = []
        var isDead = false
        var failing: [String: Int] = [:]
        /// Calls that wait until they are let go, or are cancelled.
        var held: Set<String> = []
        var traffics: [Traffic] = []
    }

    let world: FakeWorld
    private let crash: Crash?
    private let state = Mutex(State())

    init(_ world: FakeWorld, crash: Crash? = nil) {
        self.world = world
        self.crash = crash
    }

    var isDead: Bool { state.withLock { $0.isDead } }
    var calls: [String] { state.withLock { $0.calls } }
    var traffics: [Traffic] { state.withLock { $0.traffics } }
    func fail(_ call: String, times: Int = .max) { state.withLock { $0.failing[call] = times } }
    func hold(_ call: String) { state.withLock { _ = $0.held.insert(call) } }
    func letGo(_ call: String) { state.withLock { _ = $0.held.remove(call) } }

    private func act(_ name: String, _ effect: (inout FakeWorld.State) -> Void) async throws {
        let (crashes, fails) = try state.withLock { state -> (Bool, Bool) in
            guard !state.isDead else { throw CancellationError() }
            let crashes = crash?.call == state.calls.count
            state.calls.append(name)
            state.isDead = crashes
            let left = state.failing[name] ?? 0
            if left > 0 { state.failing[name] = left - 1 }
            return (crashes, left > 0)
        }
        if crashes, crash?.isAfter == false { throw CancellationError() }
        while state.withLock({ $0.held.contains(name) }) {
            // A router that has begun does not hear that it is too late.
            if name.hasPrefix("route") {
                await Task.yield()
                continue
            }
            do { try await Task.sleep(for: .milliseconds(1)) } catch { throw Broken(description: "cut off") }
        }
        if fails { throw Broken(description: "\(name) is broken") }
        world.state.withLock { effect(&$0) }
        if crashes { throw CancellationError() }
    }

    func prepare(_ version: ModelVersion) async throws {
        try await act("prepare \(version.number)") { $0.up.insert(version.number) }
    }

    func warm(_ version: ModelVersion) async throws {
        try await act("warm \(version.number)") { $0.warm.insert(version.number) }
    }

    func verify(_ version: ModelVersion) async throws { try await act("verify \(version.number)") { _ in } }

    func setTraffic(_ traffic: Traffic, of alias: String) async throws {
        try await act("route \(traffic.summary)") { world in
            guard traffic.revision >= world.traffic?.revision ?? 0 else { return }
            world.traffic = traffic
            if !traffic.allocation.shares.keys.allSatisfy(world.warm.contains) { world.wasServedUnready = true }
        }
        state.withLock { $0.traffics.append(traffic) }
    }

    func drain(_ version: ModelVersion) async throws { try await act("drain \(version.number)") { _ in } }

    func stop(_ version: ModelVersion) async throws {
        try await act("stop \(version.number)") { world in
            world.up.remove(version.number)
            world.warm.remove(version.number)
        }
    }
}

/// A deployment `chat` with everything around it.
struct Bench: Sendable {
    static let ana = ReleasePerson(id: "user:1", name: "ana")
    static let eva = ReleasePerson(id: "user:2", name: "eva")
    static let ida = ReleasePerson(id: "user:3", name: "ida")

    private let directory: TemporaryDirectory
    var data: URL { directory.url }
    let clock = ManualClock()
    let world = FakeWorld()
    let told = Told()

    init() throws { directory = try TemporaryDirectory() }

    final class Told: Sendable {
        private let all = Mutex<[ReleaseEvent]>([])
        private let isBroken = Mutex(false)

        var events: [ReleaseEvent] { all.withLock { $0 } }
        func breakDown(_ value: Bool) { isBroken.withLock { $0 = value } }

        func add(_ event: ReleaseEvent) throws {
            if isBroken.withLock({ $0 }) { throw Broken(description: "no audit") }
            all.withLock { $0.append(event) }
        }
    }

    /// A controller on the file as it is now.
    func controller(_ actuator: FakeActuator) throws -> ReleaseController {
        let (clock, told) = (clock, told)
        var logger = Logger(label: "releases")
        logger.logLevel = .critical
        return ReleaseController(
            store: try ReleaseStore(data: data), actuator: actuator, logger: logger, clock: { clock.now },
            onEvent: { try told.add($0) })
    }

    static func content(_ number: Int) -> VersionContent {
        VersionContent(model: "model-\(number)", digest: "sha256:\(number)", options: ["threads": "\(number)"])
    }

    /// With so many versions, of which the first serves.
    func serving(
        versions: Int = 2, settings: DeploymentSettings = DeploymentSettings(), _ actuator: FakeActuator
    ) async throws -> ReleaseController {
        let controller = try controller(actuator)
        try await controller.configure("chat", settings, isConfiguration: true, by: Self.ana)
        for number in 1...versions {
            _ = try await controller.addVersion("chat", Self.content(number), by: Self.ana)
        }
        let approvals = settings.approvals
        let first = try await controller.start("chat", to: 1, .blueGreen(BlueGreenPlan()), by: Self.ana)
        if approvals.kinds.contains(.blueGreen) {
            _ = try await controller.approve(first.id, digest: first.digest, by: Self.eva)
        }
        await controller.settle("chat")
        return controller
    }

    /// Requests of now that are answered as they should be.
    func observe(
        _ controller: ReleaseController, version: Int, count: Int, errors: Int = 0, seconds: Double = 1
    ) {
        var random = SplitMix(state: UInt64(version))
        for number in 0..<count {
            let factor = Double.random(in: 0.9...1.1, using: &random)
            controller.observe(
                Observation(
                    alias: "chat", version: version, began: clock.now,
                    outcome: number < errors ? .failed : .answered, timeToFirstToken: 0.1 * seconds * factor,
                    total: seconds * factor, tokensPerSecond: 40 / seconds * factor))
        }
    }

    /// Waits for what happens in the background.
    func until(_ condition: () -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(20)
        while !condition() {
            try #require(ContinuousClock.now < end, "it takes too long")
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    static let quick = CanaryPlan(
        steps: [500, 2500, 5000, 10_000].map {
            CanaryPlan.Step(
                share: TrafficShare(unchecked: $0), minimumSeconds: 600, minimumRequests: 40, maximumSeconds: 3600)
        })
}
