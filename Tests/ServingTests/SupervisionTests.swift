import Foundation
import HadalJSON
import HadalWire
import TestSupport
import Testing

@testable import HadalGateway

/// What supervision keeps of workers and of those who use them.
@Suite(.timeLimit(.minutes(15))) struct SupervisionTests {
    private static let model = ScriptedBackend().model

    // MARK: use

    @Test func aModelIsUnusedSinceTheLastUseEnded() {
        let use = ModelUse()
        let (first, second) = (use.begin("a"), use.begin())
        #expect(use.unused(at: .now) == nil && use.requests == ["a"])
        first.end()
        #expect(use.unused(at: .now) == nil && use.requests.isEmpty)
        second.end()
        second.end()
        let now = ContinuousClock.now
        #expect((use.unused(at: now + .seconds(60)) ?? .zero) >= .seconds(60))
        #expect((use.unused(at: now + .seconds(60)) ?? .zero) < .seconds(120))
    }

    @Test func whoForgetsAUseEndsIt() {
        let use = ModelUse()
        do {
            let held = use.begin("a")
            withExtendedLifetime(held) { #expect(use.requests == ["a"]) }
        }
        #expect(use.unused(at: .now) != nil && use.requests.isEmpty)
    }

    @Test func requestsThatWereLostAreNamedOnceAlsoWhenTheyAreOver() {
        let use = ModelUse()
        let choices = ["n", "a", "n"].map { use.begin($0) }
        let over = use.begin("over")
        use.lose("over")
        use.lose("a")
        over.end()
        #expect(use.takeLost() == ["n", "a", "over"])
        #expect(use.takeLost() == ["n", "a"])
        for choice in choices { choice.end() }
        #expect(use.takeLost().isEmpty)
    }

    // MARK: unloading

    @Test func onlyAnUnusedModelIsUnloaded() {
        let presence = WorkerPresence(wait: .seconds(60))
        let later = ContinuousClock.now + .seconds(100)
        #expect(!presence.unload(afterIdle: .seconds(10), now: later), "there is none yet")
        presence.model = Self.model
        let use = presence.use.begin()
        #expect(!presence.unload(afterIdle: .zero, now: later))
        use.end()
        #expect(!presence.unload(afterIdle: .seconds(1000), now: later))
        #expect(presence.isUsable && presence.model != nil)
        #expect(presence.unload(afterIdle: .seconds(10), now: later))
        #expect(presence.model == nil && presence.isUsable && presence.latest == Self.model)
        presence.learn(Self.model)
        #expect(presence.model == nil, "what a worker said late brings it back")
    }

    @Test func whoAsksForAnUnloadedModelWaitsForItAndIsHeardOnce() async throws {
        let presence = WorkerPresence(wait: .seconds(60))
        presence.model = Self.model
        #expect(presence.unload(afterIdle: .zero))
        async let first = presence.returned()
        async let second = presence.returned()
        for await _ in presence.demands { break }
        presence.model = Self.model
        let got = try await [first, second]
        #expect(got == [Self.model, Self.model])
        // The next unloading is heard anew.
        #expect(presence.unload(afterIdle: .zero))
        async let third = presence.returned()
        for await _ in presence.demands { break }
        presence.model = Self.model
        #expect(try await third == Self.model)
    }

    @Test func aLoadThatFailsIsWaitedForOnlySoLong() async throws {
        let presence = WorkerPresence(wait: .milliseconds(50))
        presence.model = Self.model
        #expect(presence.unload(afterIdle: .zero))
        #expect(try await presence.returned() == nil)
        presence.model = nil
        #expect(!presence.isUsable)
        #expect(try await presence.returned() == nil)
    }

    // MARK: starting anew

    @Test func aWorkerThatWasReadyIsStartedAnewWithinASecond() {
        var wait = RestartWait()
        let waits = (0..<6).map { _ in wait.next(wasReady: true, uptime: .seconds(4)) }
        #expect(waits == [200, 400, 800, 1000, 1000, 1000].map { .milliseconds($0) })
    }

    @Test func startsThatFailAreTriedMoreAndMoreRarely() {
        var wait = RestartWait()
        let waits = (0..<10).map { _ in wait.next(wasReady: false, uptime: .seconds(100)) }
        #expect(
            waits == [200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000].map { .milliseconds($0) })
        // It can be started again: nobody has to wait as long as while it could not.
        #expect(wait.next(wasReady: true, uptime: .seconds(1)) == .seconds(1))
        #expect(wait.next(wasReady: false, uptime: .seconds(1)) == .seconds(2))
    }

    @Test func aWorkerThatLivedForAWhileIsStartedAnewAtOnce() {
        var wait = RestartWait()
        for _ in 0..<9 { _ = wait.next(wasReady: false, uptime: .zero) }
        #expect(wait.next(wasReady: true, uptime: .seconds(6)) == .milliseconds(200))
        #expect(wait.next(wasReady: true, uptime: .seconds(1)) == .milliseconds(400))
    }

    // MARK: what a crash leaves

    @Test func theLastLinesAreKept() {
        var tail = LineTail()
        for index in 0..<1000 { tail.feed("line \(index)\n".utf8) }
        tail.feed(String(repeating: "x", count: 5000).utf8)
        #expect(tail.lines.count == 50 && tail.lines.first == "line 951")
        #expect(tail.lines.last == String(repeating: "x", count: 1000))
        tail.feed("\n\u{1B}[31mé".utf8)
        #expect(tail.lines.last == "\u{1B}[31mé")
    }

    @Test func memoryIsReadAsTheSystemWritesIt() throws {
        let status = "Name:\ta\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n"
        #expect(ProcessMemory(status: status) == ProcessMemory(resident: 1 << 20, peak: 2 << 20))
        #expect(ProcessMemory(status: "Name:\ta\nState:\tZ (zombie)\n") == nil)
        let own = try #require(ProcessMemory(of: getpid()))
        #expect(own.resident > 1 << 20 && own.peak >= own.resident)
        #expect(ProcessMemory.available > 0)
        #expect(ProcessMemory(of: .max) == nil)
    }

    private static func report(_ model: String, _ time: Double) -> CrashReport {
        CrashReport(
            model: model, digest: "ff", time: Date(timeIntervalSince1970: time), reason: .unresponsive, signal: 9,
            exitCode: nil, process: 7, uptime: 1.5, memory: 10, peakMemory: 20, memoryLimit: 30, restarts: 2,
            requests: ["a", "b"], lastLines: ["one", "\u{1B}two"])
    }

    @Test func reportsAreKeptAsTheyWereAndTheOldestGo() throws {
        let directory = try TemporaryDirectory()
        let reports = CrashReports(data: directory.url)
        #expect(try reports.all().isEmpty)
        let start = 1_790_000_000.0
        for index in 0..<(CrashReports.limit + 5) {
            // Models alternate, so that the order of names is not that of times.
            let path = try reports.write(Self.report(index % 2 == 0 ? "z" : "a", start + Double(index)))
            #expect(FileManager.default.fileExists(atPath: path))
        }
        let all = try reports.all()
        #expect(all.count == CrashReports.limit)
        #expect(try #require(all.first).report.get().time == Date(timeIntervalSince1970: start + 104))
        #expect(try #require(all.last).report.get().time == Date(timeIntervalSince1970: start + 5))
        let last = try #require(all.first)
        #expect(try reports.report(named: last.name) == Self.report("z", start + 104))
        #expect(try reports.report(named: last.name + ".json") == Self.report("z", start + 104))
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.file("crashes"))
        #expect(files.count == CrashReports.limit, "\(files)")
    }

    @Test func twoCrashesAtOnceHaveTheirOwnFiles() throws {
        let directory = try TemporaryDirectory()
        let reports = CrashReports(data: directory.url)
        let paths = try (0..<3).map { _ in try reports.write(Self.report("m", 1_790_000_000)) }
        #expect(Set(paths).count == 3)
        #expect(try reports.all().count == 3)
    }

    @Test(arguments: ["../../etc/passwd", "a/b", ".hidden", "", "über:latest", String(repeating: "m", count: 300)])
    func anyNameOfAModelIsAFile(model: String) throws {
        let directory = try TemporaryDirectory()
        let reports = CrashReports(data: directory.url)
        let path = try reports.write(Self.report(model, 1_790_000_000))
        #expect(path.hasPrefix(directory.file("crashes/")) && URL(fileURLWithPath: path).path == path)
        #expect(try reports.all().map { try $0.report.get().model } == [model])
    }

    @Test func whatCannotBeReadIsToldAndDoesNotHideTheOthers() throws {
        let directory = try TemporaryDirectory()
        let reports = CrashReports(data: directory.url)
        _ = try reports.write(Self.report("m", 1_790_000_000))
        try Data("{\"model\":".utf8).write(to: directory.url.appending(path: "crashes/m-99991231T000000.000Z.json"))
        let all = try reports.all()
        #expect(all.count == 2)
        #expect(throws: CrashReportError.self) { try all[0].report.get() }
        #expect(try all[1].report.get().model == "m")
        for name in ["../x", "x", ".", ""] {
            #expect(throws: CrashReportError.self) { try reports.report(named: name) }
        }
    }
}
