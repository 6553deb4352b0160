import HadalWire

/// What ends a worker that does not end by itself.
extension WorkerProcess {
    private static let memoryInterval: Duration = .seconds(1)
    private static let healthInterval: Duration = .seconds(5)
    /// A worker ends its own drain after half a minute.
    private static let drainLimit: Duration = .seconds(60)
    /// How many times as long as a silence a step of its engine may take.
    private static let stepSilences = 5

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
                if let limit = memoryLimit, memory.resident > limit {
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

    /// Asks it how it is. A worker answers that also while it computes: its engine has threads of its own. So it is also looked
    /// at whether these get on.
    func watchAnswers() async {
        let interval = min(Self.healthInterval, command.silenceLimit / 4)
        var silence = Standstill(limit: command.silenceLimit)
        var step = Standstill(limit: command.silenceLimit * Self.stepSilences)
        var computed: Int?
        while (try? await Task.sleep(for: interval)) != nil {
            guard life.isReady else { continue }
            let health = try? await client.health()
            if Task.isCancelled { return }
            let before = computed
            computed = health?.engine.flatMap { $0.sequencesRunning > 0 ? $0.computedTokens : nil }
            let (isSilent, isStill) = (silence.lasts(health == nil), step.lasts(computed != nil && computed == before))
            if isSilent || isStill { return kill(.fault(.unresponsive)) }
        }
    }
}

/// How long nothing has happened. It begins with the first look that finds so: where it was this process that stood still, no
/// time has passed.
private struct Standstill {
    let limit: Duration
    private var since: ContinuousClock.Instant?

    init(limit: Duration) { self.limit = limit }

    /// - Returns: whether it has lasted for too long.
    mutating func lasts(_ isStill: Bool) -> Bool {
        since = isStill ? since ?? .now : nil
        return since.map { .now - $0 >= limit } ?? false
    }
}
