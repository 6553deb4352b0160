import Foundation
import HadalAudit
import HadalJSON
import Subprocess
import Synchronization
import TestSupport
import Testing

@testable import HadalGateway

/// `hadal restart`: real processes, with the built-in model.
@Suite(.serialized, .timeLimit(.minutes(10))) struct GatewayRestartTests {
    /// Each answer is in the trail once, and the chain verifies.
    private static func checkTrail(_ site: RestartSite, answers: Int, takeovers: Int) async throws {
        let isWhole = try await becomes { try TrailServing.records(site.data).count == answers }
        let records = try TrailServing.records(site.data)
        #expect(isWhole, "\(records.count) of \(answers)")
        #expect(Set(records.map(\.id)).count == records.count)
        #expect(records.allSatisfy { $0.outcome == "ok" })
        // It is written when the server serves already.
        let areTold = try await becomes {
            try TrailServing.records(site.data, [.system]).filter { $0.action == "server.takeover" }.count == takeovers
        }
        #expect(areTold)
        #expect(try TrailServing.isValid(site.data))
    }

    /// As its command line says.
    private static func socket(of worker: Int32) -> String? {
        let line = try? String(contentsOfFile: "/proc/\(worker)/cmdline", encoding: .utf8).split(separator: "\0")
        guard let line, let index = line.firstIndex(of: "--socket"), index + 1 < line.count else { return nil }
        return String(line[index + 1])
    }

    @Test func streamsOutliveTheirServer() async throws {
        try await RestartSite.run { site in
            let expected = try await site.stories()
            for (index, story) in expected.enumerated() { #expect(story.last == .int(Int64(400 + index))) }
            let worker = try #require(site.hadal.workers.first)
            let ended = Atomic(0)
            let isOver = Flag()
            async let got = site.stories { ended.add(1, ordering: .relaxed) }
            async let answers = site.ask(until: isOver)
            #expect(try await becomes { try await site.areStreaming() })
            let outcome = try await site.restart()
            let isEarly = ended.load(ordering: .relaxed) < 16
            #expect(outcome.status == .exited(0) && isEarly, "\(outcome.errors)")
            let server = try #require(site.server)
            #expect(server.process != site.hadal.process && site.isRunning(site.hadal.process))
            // The same worker, and no other.
            let successor = HadalProcess(port: site.hadal.port, process: server.process, example: site.hadal.example)
            #expect(site.isRunning(worker) && successor.workers.isEmpty)
            let stories = try await got
            for index in 0..<16 { #expect(stories[index] == expected[index], "story \(index)") }
            isOver.set()
            let count = try await answers
            #expect(await ProcessEnd.wait(site.hadal.process))
            // The worker outlives the server that started it.
            #expect(site.isRunning(worker))
            let again = try await site.stories()
            #expect(again == expected)
            try await Self.checkTrail(site, answers: 48 + count, takeovers: 1)
        }
    }

    @Test func aServerIsReplacedAgainAndAgain() async throws {
        try await RestartSite.run { site in
            let worker = try #require(site.hadal.workers.first)
            let expected = try await site.stories()
            for _ in 0..<3 {
                let before = try #require(site.server).process
                let outcome = try await site.restart()
                #expect(outcome.status == .exited(0), "\(outcome.errors)")
                #expect(try #require(site.server).process != before)
                #expect(await ProcessEnd.wait(before))
                let listed = try await site.serving.get("/admin/v1/workers").json["data"]?[0]
                #expect(listed?["pid"]?.int == Int(worker) && listed?["restarts"] == 0, "\(listed ?? .null)")
                let stories = try await site.stories()
                #expect(stories == expected && site.isRunning(worker))
            }
            try await Self.checkTrail(site, answers: 64, takeovers: 3)
        }
    }

    @Test func aServerThatCannotStartLeavesTheOldOne() async throws {
        try await RestartSite.run { site in
            let expected = try await site.stories()
            let worker = try #require(site.hadal.workers.first)
            async let got = site.stories()
            try site.configure(models: "[{name: guide, model: /nowhere.gguf}]")
            let missing = try await site.restart()
            #expect(missing.status == .exited(1))
            try site.configure(models: "17")
            kill(site.hadal.process, SIGUSR2)
            #expect(await becomes { site.server?.attempts == 2 && site.server?.failure != nil })
            let stories = try await got
            #expect(stories == expected)
            #expect(site.server?.process == site.hadal.process && site.hadal.workers == [worker])
            try site.configure(models: "[{name: guide, model: guide}]")
            #expect(try await site.restart().status == .exited(0))
            try await Self.checkTrail(site, answers: 32, takeovers: 1)
        }
    }

    @Test func aServerWithAnotherAddressTakesNobodysPlace() async throws {
        try await RestartSite.run { site in
            // The command line's address is the old one's; the data directory is not.
            try site.configure(models: "[{name: guide, model: guide}]")
            let elsewhere = try await HadalProcess.run(["restart", "--data", site.directory.file("nothing")])
            #expect(elsewhere.status == .exited(1) && elsewhere.errors.contains("no server runs"))
            #expect(site.server?.attempts == 0)
        }
    }

    @Test func whoKillsTheNewServerLosesNothing() async throws {
        try await RestartSite.run { site in
            let expected = try await site.stories()
            let worker = try #require(site.hadal.workers.first)
            let isOver = Flag()
            async let answers = site.ask(until: isOver, mayBeLost: true)
            var count = 16
            // At its start, while it gets ready, while it takes over, and when it serves.
            for pause in [0, 50, 150, 400, 1500] {
                let old = try #require(site.server).process
                let process = HadalProcess(port: site.hadal.port, process: old, example: site.hadal.example)
                let before = Set(process.workers)
                async let got = site.stories()
                kill(old, SIGUSR2)
                #expect(await becomes { !Set(process.workers).subtracting(before).isEmpty })
                let next = try #require(Set(process.workers).subtracting(before).first)
                try await Task.sleep(for: .milliseconds(pause))
                kill(next, SIGKILL)
                let stories = try await got
                count += 16
                for index in 0..<16 { #expect(stories[index] == expected[index], "after \(pause) ms, story \(index)") }
                // Either the old one goes on, or it has started another one.
                #expect(await becomes { site.server.map { $0.process != next && $0.isRunning } ?? false })
                if site.server?.process != old { #expect(await ProcessEnd.wait(old)) }
                #expect(site.isRunning(worker))
            }
            isOver.set()
            count += try await answers
            let records = try TrailServing.records(site.data)
            // Some are of answers that were lost with their server.
            #expect(Set(records.map(\.id)).count >= count)
            #expect(try TrailServing.isValid(site.data))
        }
    }

    /// What comes on a connection of the old server is passed on, as what it is.
    @Test func aKeptConnectionReachesNothingElse() async throws {
        try await RestartSite.run { site in
            async let got = site.stories()
            #expect(try await becomes { try await site.areStreaming() })
            let socket = try #require(site.hadal.workers.first.flatMap(Self.socket))
            let worker = try #require(socket.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            var record = AuditRecord(.system, outcome: "ok")
            record.action = "forged"
            let forged = try RelayedRecord(record, input: .none, output: .none, isDurable: true).json.text
            let kept = try (0..<3).map { _ in try RawConnection(port: site.hadal.port) }
            await kept[0].send("GET *@\(worker)/health HTTP/1.1\r\n")
            await kept[1].send("GET http://\(worker)/health HTTP/1.1\r\n")
            await kept[2].send("POST /handover/record HTTP/1.1\r\n")
            #expect(try await site.restart().status == .exited(0))
            #expect(site.isRunning(site.hadal.process))
            await kept[0].send("Host: localhost\r\n\r\n")
            await kept[1].send("Host: localhost\r\n\r\n")
            await kept[2].send("Host: localhost\r\nContent-Length: \(forged.utf8.count)\r\n\r\n\(forged)")
            for connection in kept {
                let answer = await connection.read()
                #expect(answer.hasPrefix("HTTP/1.1 404") || answer.hasPrefix("HTTP/1.1 400"), "\(answer)")
            }
            _ = try await got
            try await Self.checkTrail(site, answers: 16, takeovers: 1)
            #expect(try TrailServing.records(site.data, [.system]).allSatisfy { $0.action != "forged" })
        }
    }

    @Test func theNewServersEndIsTheOldOnesToo() async throws {
        try await RestartSite.run { site in
            let expected = try await site.stories()
            let worker = try #require(site.hadal.workers.first)
            async let got = site.stories()
            #expect(try await becomes { try await site.areStreaming() })
            #expect(try await site.restart().status == .exited(0))
            let server = try #require(site.server).process
            #expect(server != site.hadal.process && site.isRunning(site.hadal.process))
            kill(server, SIGTERM)
            let stories = try await got
            for index in 0..<16 { #expect(stories[index] == expected[index], "story \(index)") }
            for process in [server, site.hadal.process, worker] { #expect(await ProcessEnd.wait(process)) }
            #expect(throws: POSIXError.self) { _ = try RawConnection(port: site.hadal.port) }
            try await Self.checkTrail(site, answers: 32, takeovers: 1)
        }
    }

    @Test func aModelWithOtherArgumentsGetsAWorkerOfItsOwn() async throws {
        try await RestartSite.run { site in
            let old = try #require(site.hadal.workers.first)
            let expected = try await site.stories()
            let ended = Atomic(0)
            async let got = site.stories { ended.add(1, ordering: .relaxed) }
            try site.configure(models: "[{name: guide, model: guide, engine: {kv_cache: 64MiB}}]")
            let outcome = try await site.restart()
            #expect(outcome.status == .exited(0), "\(outcome.errors)")
            let server = try #require(site.server)
            let successor = HadalProcess(port: site.hadal.port, process: server.process, example: site.hadal.example)
            #expect(successor.workers.count == 1 && successor.workers != [old])
            let stories = try await got
            #expect(stories == expected)
            #expect(await ProcessEnd.wait(site.hadal.process))
            #expect(await ProcessEnd.wait(old))
            let again = try await site.stories()
            #expect(again == expected)
        }
    }

    @Test func anAnswerOutlivesItsServerAndThenItsWorker() async throws {
        try await RestartSite.run { site in
            let expected = try await site.stories()
            let worker = try #require(site.hadal.workers.first)
            let ended = Atomic(0)
            async let got = site.stories { ended.add(1, ordering: .relaxed) }
            #expect(try await site.restart().status == .exited(0))
            let isEarly = ended.load(ordering: .relaxed) < 16
            #expect(isEarly)
            kill(worker, SIGKILL)
            let stories = try await got
            #expect(stories == expected)
        }
    }

    @Test func filesAreThoseOfTheServerBefore() async throws {
        try await RestartSite.run { site in
            let form =
                "--x\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--x\r\n"
                + "Content-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\r\n{}\n\r\n--x--\r\n"
            let file = try await site.serving.post(
                "/v1/files", form, type: "multipart/form-data; boundary=x"
            ).json
            let id = try #require(file["id"]?.string)
            #expect(try await site.restart().status == .exited(0))
            #expect(try await site.serving.get("/v1/files/\(id)/content").body == "{}\n")
        }
    }
}
