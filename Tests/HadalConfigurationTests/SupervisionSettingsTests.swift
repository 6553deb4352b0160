import Foundation
import HadalRouting
import Testing

@testable import HadalConfiguration

/// Processors, memory and times of workers and batches.
@Suite struct SupervisionSettingsTests {
    @Test(arguments: [
        ("0", [0], "0"), ("0-3", [0, 1, 2, 3], "0-3"), ("16-17,0-1,4", [0, 1, 4, 16, 17], "0-1,4,16-17"),
        ("1,2,3", [1, 2, 3], "1-3"), ("8191", [8191], "8191"),
    ])
    func processorsAreReadAndWritten(text: String, numbers: [Int], written: String) {
        let list = CPUList(parsing: text)
        #expect(list?.numbers == numbers && list?.description == written)
    }

    @Test(arguments: [
        "", ",", "0,", "a", "-1", "3-1", "0-", "1,1", "0-3,2", "8192", "0-99999999999", "01", "0 - 3", "1-2-3",
    ])
    func whatIsNoListOfProcessorsIsNotRead(text: String) { #expect(CPUList(parsing: text) == nil) }

    @Test func whoIsLeftOutCanBeSaid() throws {
        // What is written in no file is as the dispatcher has it by itself.
        #expect(OutlierSettings().ejection == OutlierEjectionSettings())
        let settings = try load(
            """
            outlier_detection:
              {consecutive_failures: 3, interval: 20s, base_ejection_time: 1m, max_ejection_time: 2m,
               max_ejection_percent: 25, request_volume: 50, success_rate_minimum_workers: 2,
               latency_minimum_workers: 4}
            """
        ).settings.outlierDetection
        var expected = OutlierEjectionSettings()
        expected.consecutiveFailures = 3
        expected.interval = .seconds(20)
        expected.ejectionTime = .seconds(60)
        expected.maximumEjectionTime = .seconds(120)
        expected.maximumShare = 0.25
        expected.minimumCalls = 50
        expected.minimumMembers = 2
        expected.minimumLatencyMembers = 4
        #expect(settings.ejection == expected)
        let wrong = try problems("outlier_detection: {base_ejection_time: 10m}\n")
        #expect(wrong.count == 1 && wrong[0].contains("max_ejection_time"), "\(wrong)")
    }

    @Test func aModelHasItsLimits() throws {
        let settings = try load(
            """
            models:
              - {name: a, model: guide, memory_limit: 2GiB, cpus: "0-1,4", idle_unload: 30m}
              - {name: b, model: guide, memory_limit: none, cpus: none, idle_unload: none}
            workers: {unresponsive: 5s}
            """
        ).settings
        #expect(settings.models[0].memoryLimit == 2 << 30 && settings.models[0].cpus?.numbers == [0, 1, 4])
        #expect(settings.models[0].idleUnload == .seconds(1800) && settings.workers.unresponsive == .seconds(5))
        #expect(settings.models[1].memoryLimit == nil && settings.models[1].cpus == nil)
        #expect(settings.models[1].idleUnload == nil)
        let defaults = try load("").settings
        #expect(defaults.workers.unresponsive == .seconds(60) && defaults.batches.timeWindows.isEmpty)
    }

    @Test(arguments: [
        ("models: [{model: guide, cpus: 0-}]", "models[0].cpus", "no list of processors"),
        ("models: [{model: guide, memory_limit: 1KiB}]", "models[0].memory_limit", "outside its range"),
        ("models: [{model: guide, idle_unload: 100ms}]", "models[0].idle_unload", "outside its range"),
        (
            "models: [{name: a, worker: \"https://a.example:1\", idle_unload: 1m}]", "models[0].idle_unload",
            "started elsewhere"
        ),
        ("workers: {unresponsive: 0s}", "workers.unresponsive", "outside its range"),
        ("batches: {windows: [at night]}", "batches.windows[0]", "is no day"),
        ("batches: {time_zone: Berlin}", "batches.time_zone", "no time zone"),
    ])
    func whatIsWrongIsTold(text: String, path: String, problem: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try load(text) }
        #expect(error.problems.contains { $0.path == path && $0.problem.contains(problem) }, "\(error)")
    }

    @Test func windowsAreOfTheirZone() throws {
        let batches = try load(
            "batches: {windows: [\"Mon-Fri 22:00-06:00\", Sat], time_zone: Europe/Berlin}"
        ).settings.batches
        #expect(batches.timeWindows.count == 2)
        #expect(batches.timeWindows.allSatisfy { $0.zone.identifier == "Europe/Berlin" })
        // 22:00 in Berlin on Monday, 2026-11-02.
        let time = try Date("2026-11-02T21:00:00Z", strategy: .iso8601)
        #expect(batches.timeWindows[0].contains(time) && !batches.timeWindows[1].contains(time))
    }
}
