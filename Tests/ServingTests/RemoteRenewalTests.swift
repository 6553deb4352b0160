import Foundation
import HadalCertificates
import HadalGateway
import HadalWire
import Synchronization
import Testing

/// Certificates of a gateway and a worker are replaced while answers run and requests come.
@Suite(.timeLimit(.minutes(15))) struct RemoteRenewalTests {
    private static let question = #"{"model":"scripted","messages":[{"role":"user","content":"hi"}],"stream":true}"#
    private static let request =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: \(question.utf8.count)\r\n\r\n\(question)"

    /// - Parameters:
    ///   - change: what is done to the certificates while four streams run.
    ///   - whileChanging: given the server until both sides have taken what is new.
    private func run(
        change: @escaping @Sendable (WorkerSite) throws -> Void,
        whileChanging: @escaping @Sendable (Serving, _ hasChanged: @Sendable () -> Bool) async throws -> Void
    ) async throws {
        let endless = EndlessGeneration()
        // Short questions are answered, others go on until the test ends them.
        let backend = ScriptedBackend { request throws(WorkerFailure) in
            try ScriptedBackend.text(of: request) == "hi" ? endless.script(request) : ScriptedBackend.echo(request)
        }
        try await WorkerSite().work(backend) { worker in
            let notes = Notes()
            try await Serving.run(configure: {
                try? worker.configure(&$0)
                $0.logger = notes.logger
            }) { serving in
                let streams = try (0..<4).map { _ in try RawConnection(port: serving.port) }
                for stream in streams {
                    await stream.send(Self.request)
                    #expect(await stream.read(until: "word").contains("word"))
                }
                try change(worker.site)
                try await whileChanging(serving) {
                    [worker.notes, notes].allSatisfy { $0.contains("new connections use the certificate") }
                }
                await endless.finish()
                for stream in streams { #expect(await stream.read(until: "[DONE]").contains("[DONE]")) }
            }
        }
    }

    @Test func aRenewalOfBothSidesDropsNothing() async throws {
        try await run { site in
            try site.gateway.rotateOwn(now: Date())
            try site.bring()
        } whileChanging: { serving, hasChanged in
            var count = 0
            let end = ContinuousClock.now + .seconds(60)
            while !hasChanged(), ContinuousClock.now < end {
                let answer = try await serving.chat("")
                #expect(answer.status == 200, "\(answer.body)")
                count += 1
            }
            #expect(hasChanged() && count > 1)
            for _ in 0..<8 { #expect(try await serving.chat("").status == 200) }
        }
    }

    /// Neither side trusts what the other showed before, so that what is answered afterwards goes by the new certificates.
    @Test func aNewAuthorityIsTakenByBothSidesWithoutARestart() async throws {
        try await run { site in
            try site.gateway.rotateAuthority(organization: nil, distrust: true, now: Date())
            try site.bring()
        } whileChanging: { serving, hasChanged in
            #expect(await becomes { hasChanged() })
            let answers = try await becomes { try await serving.chat("").status == 200 }
            #expect(answers)
            for _ in 0..<8 {
                let status = try await serving.chat("").status
                #expect(status == 200)
            }
        }
    }
}
