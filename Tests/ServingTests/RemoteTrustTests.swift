import Foundation
import HadalCertificates
import HadalGateway
import Synchronization
import Testing

/// Which workers on other machines a gateway asks, and what it does without them.
@Suite(.timeLimit(.minutes(15))) struct RemoteTrustTests {
    enum Impostor: CaseIterable { case ofAnotherName, ofAnotherAuthority, ended, withoutTLS, gone }

    @Test(arguments: Impostor.allCases)
    func aGatewayBeginsWithoutAWorkerThatItCannotTrustOrReach(impostor: Impostor) async throws {
        let site = try WorkerSite(names: impostor == .ofAnotherName ? ["gpu2.example.org"] : ["127.0.0.1"])
        let reason =
            switch impostor {
            case .ofAnotherName: "not for the name in the URL"
            case .ofAnotherAuthority: "not of an authority that is trusted here"
            case .ended: "has ended"
            case .withoutTLS: "does not speak TLS"
            case .gone: "refused"
            }
        try await Self.withPort(of: impostor, site) { port in
            let notes = Notes()
            let url = try #require(URL(string: "https://127.0.0.1:\(port)"))
            try await Serving.run(
                configure: { configuration in
                    configuration.models = [ServedModel(name: "scripted", worker: url)]
                    configuration.workerCertificates = .directory(site.gateway)
                    configuration.logger = notes.logger
                    // It is not waited for until all models are ready.
                    let ready = configuration.onReady
                    configuration.onReady = { _, _ in }
                    configuration.onListening = { ready($0, []) }
                }
            ) { serving in
                let isTold = await becomes { notes.contains("scripted", "\(port)", "the worker is away", reason) }
                #expect(isTold, "\(notes.all.withLock { $0 })")
                #expect(try await serving.get("/health/ready").status == 503)
                #expect(try await serving.get("/health/live").status == 200)
                let answer = try await serving.chat("")
                #expect(answer.status == 503 && answer.errorCode == "model_not_ready")
            }
        }
    }

    private static func withPort(
        of impostor: Impostor, _ site: WorkerSite, _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        switch impostor {
        case .withoutTLS: try await Serving.run { try await body($0.port) }
        case .gone: try await body(try await Serving.run { $0.port })
        case .ofAnotherName: try await site.work { try await body($0.port) }
        case .ofAnotherAuthority:
            try site.bring(by: site.otherAuthority())
            try await site.work { try await body($0.port) }
        case .ended:
            // A worker does not begin with one that has ended. Certificates begin five minutes early.
            try site.bring(days: 1, now: Date() - 86400 + 300 + 20)
            try await site.work { worker in
                let gateway = try site.issue(.gateway, .gateway)
                #expect(await becomes { await (try? worker.ask(as: gateway)) == nil })
                try await body(worker.port)
            }
        }
    }

    @Test(arguments: ["http://gpu1:7443", "https://gpu1:7443/v1", "https://a@gpu1:7443", "https://gpu1:7443?x=y"])
    func aWorkersAddressIsAnHTTPSAddressAndNothingMore(url: String) {
        #expect(throws: GatewayError.self) {
            try GatewayConfiguration(models: [ServedModel(parsing: "big=\(url)")]).validate()
        }
        // Its model cannot be named after a file.
        #expect(throws: GatewayError.self) {
            try GatewayConfiguration(models: [ServedModel(parsing: "https://gpu1:7443")]).validate()
        }
        #expect(throws: Never.self) {
            try GatewayConfiguration(models: [ServedModel(parsing: "big=https://gpu1:7443")]).validate()
        }
    }
}
