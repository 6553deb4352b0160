import AsyncHTTPClient
import Foundation
import HadalCertificates
import HadalGateway
import HadalJSON
import HadalWire
import NIOCore
import NIOHTTP1
import Subprocess
import Synchronization
import SystemPackage
import Testing

/// A worker behind TLS with both sides' certificates, in this process, over a real port.
@Suite(.timeLimit(.minutes(15))) struct RemoteWorkerTests {
    private static let members = #","logprobs":true,"top_logprobs":2"#

    @Test func itsAnswersAreThoseOfALocalWorker() async throws {
        @Sendable func answers(_ serving: Serving) async throws -> [JSON] {
            let whole = try await serving.chat(Self.members)
            let stream = try await serving.chat(Self.members + #","stream":true"#)
            let vectors = try await serving.post("/v1/embeddings", #"{"model":"scripted","input":["a","bb"]}"#)
            let tokens = try await serving.post("/tokenize", #"{"model":"scripted","prompt":"one two"}"#)
            for answer in [whole, stream, vectors, tokens] { #expect(answer.status == 200, "\(answer.body)") }
            let deltas = stream.events.map { (try? JSON(parsing: $0))?["choices"] ?? .string($0) }
            return [whole.json["choices"] ?? .null, .array(deltas), vectors.json["data"] ?? .null, tokens.json]
        }
        let local = try await Serving.run { serving in try await answers(serving) }
        try await WorkerSite().work { worker in
            try await Serving.run(configure: { try? worker.configure(&$0) }) { serving in
                #expect(try await answers(serving) == local)
                // What the worker does not do is told as a local one tells it.
                let long = String(repeating: "x ", count: 70)
                let refusal = try await serving.chat("", #"[{"role":"user","content":"\#(long)"}]"#)
                #expect(refusal.status == 400 && refusal.errorCode == "context_length_exceeded")
            }
        }
    }

    @Test func aClientThatLeavesStopsTheGenerationThere() async throws {
        let endless = EndlessGeneration()
        try await WorkerSite().work(ScriptedBackend(script: endless.script)) { worker in
            try await Serving.run(configure: { try? worker.configure(&$0) }) { serving in
                let connection = try RawConnection(port: serving.port)
                let body = #"{"model":"scripted","messages":[{"role":"user","content":"hi"}],"stream":true}"#
                await connection.send(
                    "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                )
                #expect(await connection.read(until: "word").contains("word"))
                connection.reset()
                for await _ in endless.cancelled { break }
            }
        }
    }

    // MARK: who may ask a worker

    enum Stranger: CaseIterable { case withoutCertificate, ofAnotherAuthority, ended, user, server }

    @Test(arguments: Stranger.allCases) func whoIsNoGatewayIsRefusedAndLogged(stranger: Stranger) async throws {
        let site = try WorkerSite()
        let user = try SubjectName(user: "ana")
        let (files, reason): (CertificateFiles?, String) =
            switch stranger {
            case .withoutCertificate: (nil, "it shows no certificate")
            case .ofAnotherAuthority:
                (try site.issue(.gateway, .gateway, by: site.otherAuthority()), "not of an authority that is trusted")
            case .ended:
                (try site.issue(.gateway, .gateway, days: 1, now: Date() - 3 * 86400), "'somebody' has ended on")
            case .user: (try site.issue(.client, user), "'somebody' is not a gateway's")
            case .server: (try site.issue(.server, .gateway), "is not for clients")
            }
        let gateway = try site.issue(.gateway, .gateway, by: site.gateway)
        try await site.work { worker in
            let first = try await worker.ask(as: gateway).status
            #expect(first == .ok)
            let answer = try? await worker.ask(as: files)
            // A user's is of the right authority, so that its owner can be told.
            #expect(answer?.status == (stranger == .user ? .forbidden : nil))
            if let answer {
                let text = String(buffer: try await answer.body.collect(upTo: 4096))
                #expect(text.contains("hadal certs issue gateway"))
            }
            #expect(await becomes { worker.notes.contains("127.0.0.1", reason) }, "\(worker.notes.all.withLock { $0 })")
            let last = try await worker.ask(as: gateway).status
            #expect(last == .ok)
        }
    }

    @Test func thereIsNoWayWithoutTLS() async throws {
        try await WorkerSite().work { worker in
            let connection = try RawConnection(port: worker.port)
            await connection.send("GET /model HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(await !connection.read().contains("HTTP/1.1"))
            #expect(await becomes { worker.notes.contains("127.0.0.1", "does not speak TLS") })
        }
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"), "needs openssl"))
    func openSSLGetsInWithAGatewaysCertificateAndTLS13Only() async throws {
        let site = try WorkerSite()
        let gateway = try site.issue(.gateway, .gateway)
        try await site.work { worker in
            func ask(_ further: [String]) async throws -> String {
                let result = try await Subprocess.run(
                    .path("/usr/bin/openssl"),
                    arguments: .init(
                        [
                            "s_client", "-connect", "127.0.0.1:\(worker.port)", "-CAfile",
                            site.worker.authorityCertificate, "-verify_return_error", "-quiet",
                        ] + further),
                    input: try standardInput("GET /health HTTP/1.1\r\nHost: worker\r\nConnection: close\r\n\r\n"),
                    output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
                return result.standardOutput + result.standardError
            }
            let shown = ["-cert", gateway.certificate, "-key", gateway.key]
            let known = try await ask(shown)
            #expect(known.contains("HTTP/1.1 200") && known.contains("ready"), "\(known)")
            let unknown = try await ask([])
            #expect(!unknown.contains("HTTP/1.1") && unknown.contains("certificate required"), "\(unknown)")
            let old = try await ask(shown + ["-tls1_2"])
            #expect(!old.contains("HTTP/1.1") && old.contains("protocol version"), "\(old)")
            #expect(await becomes { worker.notes.contains("127.0.0.1", "does not speak TLS 1.3") })
        }
    }
}
