import HadalWire

/// What ends a worker that does not end by itself.
extension WorkerProcess {
    private static let memoryInterval: Duration = .seconds(1)
    private static let healthInterval: Duration = .seconds(5)
    /// A worker ends its own drain after half a minute.
    private static let drainLimit: Duration = .seconds(60)

    func watchStart() async {
        guard (try? await Task.sleep(for: command.startLimit)) != nil else { return }
        if !life.isReady { kill(.fault(.startLimit)) }
    }

    /// Looks at its memory each second; beyond the limit it is to be replaced, beyond 110 % of it it is ended at once. What
    /// drains for too long is ended as well.
    func watchMemory(_ tell: @Sendable (SupervisionEvent) -> Void) async {
        var isTold = false
        while !Task.isCancelled {
            let life = life
            if let memory = ProcessMemory(of: life.process) {
                change { $0.memory = memory }
                if let limit = command.memoryLimit, memory.resident > limit {
                    if memory.resident - limit > limit / 10 {
                        kill(.fault(.memoryLimit))
                    } else if !isTold {
                        isTold = true
                        tell(.overMemory(self))
                    }
                }
            }
            if let since = life.drainsSince, .now - since > Self.drainLimit { kill(life.reason ?? .restarted) }
            try? await Task.sleep(for: Self.memoryInterval)
        }
    }

    func watchDigest(_ tell: @Sendable (SupervisionEvent) -> Void) async {
        if let model = try? await client.digested() { tell(.described(self, model)) }
    }

    /// Asks it how it is. A worker answers that also while it computes: its engine has threads of its own.
    func watchAnswers() async {
        let interval = min(Self.healthInterval, command.silenceLimit / 4)
        var silentSince: ContinuousClock.Instant?
        while (try? await Task.sleep(for: interval)) != nil {
            guard life.isReady else { continue }
            if (try? await client.health()) != nil {
                silentSince = nil
                continue
            }
            if Task.isCancelled { return }
            // From the first question without an answer: where it was this process that stood still, no time has passed.
            let since = silentSince ?? .now
            silentSince = since
            if .now - since >= command.silenceLimit { return kill(.fault(.unresponsive)) }
        }
    }
}
