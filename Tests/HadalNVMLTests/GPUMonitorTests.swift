import HadalNVML
import TestSupport
import Testing

/// What the fake's cards tell, and what becomes of a driver that does not.
@Suite(.timeLimit(.minutes(15))) struct GPUMonitorTests {
    private static func report(_ fake: FakeNVML) async -> GPUReport { await monitor(fake).report() }

    /// One that waits as long as a busy machine needs, and asks each time.
    private static func monitor(_ fake: FakeNVML) -> GPUMonitor {
        GPUMonitor(library: fake.path, patience: .seconds(600), freshness: .zero)
    }

    // MARK: figures

    @Test func aCardTellsAllThereIs() async throws {
        let report = await Self.report(try FakeNVML())
        #expect(report.driver == "550.54.15" && report.cuda == "12.4" && report.problem == nil)
        let card = try #require(report.cards.first)
        #expect(card.index == 0 && card.uuid == "GPU-00000000-0000-0000-0000-00000000000a" && card.name == "Fake H100")
        #expect(card.bus == "00000000:41:00.0" && card.problem == nil)
        var figures = GPUFigures()
        (figures.use, figures.memoryUse) = (0.93, 0.41)
        figures.memory = GPUMemory(used: 60_000_000_000, free: 19_500_000_000, total: 80_000_000_000)
        (figures.temperature, figures.power, figures.powerLimit) = (71, 612.345, 700)
        (figures.clock, figures.memoryClock) = (1_980_000_000, 2_619_000_000)
        figures.slowdowns = [.powerCap, .hardwareThermal]
        (figures.receivedRate, figures.sentRate) = (25_000_000, 1_000_000)
        (figures.correctedErrors, figures.uncorrectedErrors) = (5_000_000_000, 2)
        #expect(card.figures == figures)
        #expect(card.isSliced == false && card.slices.isEmpty)
    }

    @Test func whatACardDoesNotTellIsNotThere() async throws {
        let card = try #require(await Self.report(try FakeNVML()).cards.last)
        #expect(card.index == 1 && card.name == "Fake \"1030\"" && card.problem == nil && card.isSliced == nil)
        var figures = GPUFigures()
        figures.memory = GPUMemory(used: 60_000_000_000, free: 19_500_000_000, total: 80_000_000_000)
        figures.temperature = 86
        #expect(card.figures == figures)
    }

    @Test func anOlderLibraryTellsMemoryInItsFirstForm() async throws {
        let fake = try FakeNVML()
        try fake.set("old")
        let memory = await Self.report(fake).cards.first?.figures.memory
        #expect(memory == GPUMemory(used: 60_500_000_000, free: 19_500_000_000, total: 80_000_000_000))
    }

    @Test func slicesAreFoundBetweenEmptyPlaces() async throws {
        let fake = try FakeNVML()
        try fake.set("sliced0")
        let card = try #require(await Self.report(fake).cards.first)
        #expect(card.isSliced == true && card.willBeSliced == true && card.figures.use == nil)
        let memory = GPUMemory(used: 1_000_000_000, free: 8_500_000_000, total: 10_000_000_000)
        #expect(
            card.slices == [
                GPUSlice(
                    index: 0, uuid: "MIG-00000000-0000-0000-0000-000000000001", name: "Fake H100 MIG 1g.10gb",
                    memory: memory),
                GPUSlice(
                    index: 2, uuid: "MIG-00000000-0000-0000-0000-000000000003", name: "Fake H100 MIG 1g.10gb",
                    memory: memory),
            ])
    }

    // MARK: trouble

    @Test func aLostCardKeepsItsNameUntilItComesBack() async throws {
        let fake = try FakeNVML()
        let monitor = Self.monitor(fake)
        let whole = await monitor.report()
        try fake.set("lost1")
        let lost = await monitor.report()
        #expect(lost.problem == nil && lost.cards.map(\.problem) == [nil, .lost])
        #expect(lost.cards.map(\.uuid) == whole.cards.map(\.uuid) && lost.cards[1].figures == GPUFigures())
        // Who starts NVML anew does not see it any more.
        try fake.set("gone1")
        let gone = await monitor.report()
        #expect(gone.cards.map(\.problem) == [nil, .lost] && gone.cards.map(\.name) == whole.cards.map(\.name))
        try fake.unset("lost1")
        try fake.unset("gone1")
        #expect(await monitor.report() == whole)
        let starts = fake.count("inits")
        #expect(await monitor.report() == whole && fake.count("inits") == starts)
    }

    @Test func aCardThatWasLostBeforeIsTold() async throws {
        let fake = try FakeNVML()
        try fake.set("lost0")
        let cards = await Self.report(fake).cards
        #expect(cards.map(\.problem) == [.lost, nil] && cards.map(\.uuid.isEmpty) == [true, false])
    }

    @Test(arguments: [
        (9, "kernel module is not loaded", "modprobe nvidia"), (4, "may not open", "group video"),
        (17, "may not open", "--gpus all"), (18, "library is of version 550.54.15", "restart the machine"),
        (16, "needs a reset", "--gpu-reset"), (999, "nvmlInit_v2: Unknown Error", "nvidia-smi"),
    ])
    func whatIsWrongIsSaidWithWhatToDo(_ status: Int, _ words: String, _ advice: String) async throws {
        let fake = try FakeNVML()
        try fake.set("init", "\(status)")
        let report = await Self.report(fake)
        let problem = try #require(report.problem)
        #expect("\(problem)".contains(words) && problem.advice.contains(advice), "\(problem): \(problem.advice)")
        #expect(report.cards.isEmpty)
    }

    @Test func withoutALibraryThereIsNothing() async throws {
        let missing = await GPUMonitor(library: "/nowhere/libnvidia-ml.so.1", patience: .seconds(600)).report()
        guard case .noLibrary(let reason) = missing.problem else { throw Unexpected(missing.problem) }
        #expect(missing.cards.isEmpty && reason.contains("/nowhere/libnvidia-ml.so.1"))
        let other = await GPUMonitor(library: "libm.so.6", patience: .seconds(600)).report()
        #expect(other.problem == .otherLibrary(path: "libm.so.6"))
    }

    @Test func aDriverThatHangsIsWaitedForOnce() async throws {
        let fake = try FakeNVML()
        let monitor = GPUMonitor(library: fake.path, patience: .milliseconds(200), freshness: .zero)
        // A busy machine may take longer for the first time.
        while await monitor.report().problem != nil { await Task.yield() }
        fake.hang()
        let questions = fake.count("questions")
        for _ in 0..<5 {
            let report = await monitor.report()
            guard case .silent = report.problem else { throw Unexpected(report.problem) }
            #expect(report.cards.map(\.uuid).count == 2)
            #expect(report.cards.allSatisfy { $0.problem == report.problem && $0.figures == GPUFigures() })
        }
        #expect(fake.count("questions") <= questions + 1)
        fake.goOn()
        while await monitor.report().problem != nil { await Task.yield() }
        #expect(await monitor.report().cards.first?.figures.temperature == 71)
    }

    // MARK: how often

    @Test func howeverManyAskTheDriverIsAskedOnce() async throws {
        let fake = try FakeNVML()
        let monitor = GPUMonitor(library: fake.path, patience: .seconds(600), freshness: .seconds(3600))
        let reports = await withTaskGroup(of: GPUReport.self) { group in
            for _ in 0..<50 { group.addTask { await monitor.report() } }
            return await group.reduce(into: [GPUReport]()) { $0.append($1) }
        }
        #expect(reports.count == 50 && Set(reports).count == 1)
        // One for each card.
        #expect(fake.count("questions") == 2 && fake.count("inits") == 1)
    }

    @Test func aDriverThatIsNotThereIsNotStartedWithEachQuestion() async throws {
        let fake = try FakeNVML()
        try fake.set("init", "9")
        let monitor = Self.monitor(fake)
        for _ in 0..<3 { #expect(await monitor.report().problem == .noDriver) }
        #expect(fake.count("inits") == 1)
    }

    private struct Unexpected: Error {
        let problem: NVMLError?
        init(_ problem: NVMLError?) { self.problem = problem }
    }
}
