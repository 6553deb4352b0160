import HadalCompute

/// What somebody wants of the engine's thread, granted between two steps.
enum ProfileWish {
    case start(CheckedContinuation<Bool?, Never>)
    case stop(CheckedContinuation<ProfiledSteps?, Never>)

    /// On the engine's thread.
    func grant(_ profiler: StepProfiler, _ device: any ComputeDevice) {
        switch self {
        case .start(let continuation):
            profiler.start()
            continuation.resume(returning: true)
        case .stop(let continuation):
            continuation.resume(returning: ProfiledSteps(steps: profiler.stop(), scratchBytes: device.scratchBytes))
        }
    }

    /// The thread has ended.
    func refuse() {
        switch self {
        case .start(let continuation): continuation.resume(returning: nil)
        case .stop(let continuation): continuation.resume(returning: nil)
        }
    }
}

/// What only the engine's thread can tell.
struct ProfiledSteps: Sendable {
    var steps: StepProfile
    var scratchBytes: Int
}

extension StepProfiler {
    /// A step with these parts begins.
    func enter(_ parts: [Scheduler.Part]) {
        var (promptRows, answerRows) = (0, 0)
        for part in parts {
            // What is computed again after its sequence made room counts as a prompt.
            if part.sequence.generated > 0, part.range.count == 1, part.drawsToken {
                answerRows += part.rows
            } else {
                promptRows += part.rows
            }
        }
        enter(answerRows == 0 ? .prefill : promptRows == 0 ? .decode : .mixed)
        countStep(promptRows: promptRows, answerRows: answerRows)
    }
}
