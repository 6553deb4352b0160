import Foundation

/// Times operations while it is on, into memory that it has from the start. It belongs to a device and, like it, to the one
/// thread that runs steps; only that thread may call it.
///
/// Off, an operation costs a predictable branch at its start and its end; on, two readings of the clock. It sees what is done and
/// changes nothing of it. A plain handle: the device that made it frees it with itself.
public struct StepProfiler: @unchecked Sendable {
    private struct State {
        var isOn = false
        var phase = StepPhase.engine
        var phaseStart = 0
    }

    private struct PhaseCount {
        var nanoseconds = 0
        var steps = 0
        var promptRows = 0
        var answerRows = 0
    }

    private let state: UnsafeMutablePointer<State>
    /// `[phase][operation]`.
    private let counts: UnsafeMutablePointer<StepProfile.Count>
    private let phases: UnsafeMutablePointer<PhaseCount>

    /// `allCases` would make an array.
    private static var phaseCount: Int { StepPhase.engine.rawValue + 1 }
    private static var operationCount: Int { StepOperation.waiting.rawValue + 1 }

    package init() {
        state = .allocate(capacity: 1)
        state.initialize(to: State())
        counts = .allocate(capacity: Self.phaseCount * Self.operationCount)
        counts.initialize(repeating: .init(), count: Self.phaseCount * Self.operationCount)
        phases = .allocate(capacity: Self.phaseCount)
        phases.initialize(repeating: .init(), count: Self.phaseCount)
    }

    package func free() {
        phases.deallocate()
        counts.deallocate()
        state.deallocate()
    }

    public var isOn: Bool { state.pointee.isOn }

    // MARK: from when to when

    /// Begins anew, in the phase `engine`.
    public func start() {
        counts.update(repeating: .init(), count: Self.phaseCount * Self.operationCount)
        phases.update(repeating: .init(), count: Self.phaseCount)
        state.pointee = State(isOn: true, phase: .engine, phaseStart: Self.now)
    }

    /// What was counted since `start`.
    public func stop() -> StepProfile {
        enter(.engine)
        state.pointee.isOn = false
        var profile = StepProfile()
        for phase in StepPhase.allCases {
            let time = phases[phase.rawValue]
            guard time.nanoseconds > 0 else { continue }
            var counted = StepProfile.Phase(phase)
            (counted.nanoseconds, counted.steps) = (time.nanoseconds, time.steps)
            (counted.promptRows, counted.answerRows) = (time.promptRows, time.answerRows)
            for operation in StepOperation.allCases {
                let count = counts[phase.rawValue * Self.operationCount + operation.rawValue]
                if count.calls > 0 { counted.operations[operation] = count }
            }
            profile.phases.append(counted)
        }
        return profile
    }

    // MARK: while it is on

    /// What comes belongs to this phase. Between two operations.
    public func enter(_ phase: StepPhase) {
        guard isOn else { return }
        let now = Self.now
        phases[state.pointee.phase.rawValue].nanoseconds += now - state.pointee.phaseStart
        state.pointee.phase = phase
        state.pointee.phaseStart = now
    }

    /// A step of the phase begins.
    public func countStep(promptRows: Int, answerRows: Int) {
        guard isOn else { return }
        let phase = phases + state.pointee.phase.rawValue
        phase.pointee.steps += 1
        phase.pointee.promptRows += promptRows
        phase.pointee.answerRows += answerRows
    }

    /// An operation begins. Operations do not lie within one another.
    /// - Returns: for `end`.
    @inline(__always) public func begin() -> Int { isOn ? Self.now : 0 }

    /// - Parameters:
    ///   - start: what `begin` gave, or the end of the operation before.
    ///   - work: its weights count as bytes.
    ///   - isExact: whether it is float32 arithmetic.
    /// - Returns: the time, where the next operation may begin.
    @inline(__always) @discardableResult
    public func end(_ operation: StepOperation, since start: Int, _ work: Work = Work(), isExact: Bool = false) -> Int {
        guard isOn else { return 0 }
        let now = Self.now
        let count = counts + state.pointee.phase.rawValue * Self.operationCount + operation.rawValue
        count.pointee.calls += 1
        count.pointee.nanoseconds += now - start
        count.pointee.bytes += work.weightBytes
        if isExact {
            count.pointee.floatOperations += work.operations
        } else {
            count.pointee.integerOperations += work.operations
        }
        return now
    }

    /// Nanoseconds of the system's monotonic clock.
    private static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)
    }
}
