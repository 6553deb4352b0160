import Foundation
import HadalCertificates
import HadalHTTP
import NIOSSL
import TestSupport
import Testing

/// A certificate is replaced while there is traffic.
@Suite(.timeLimit(.minutes(15))) struct ReloadTests {
    @Test func renewalUnderLoadDropsNothing() async throws {
        let temporary = try TemporaryDirectory()
        let directory = try temporary.certificates()
        let keeper = try CertificateKeeper(ServerTLS(.automatic(directory, names: [])), logger: LogLines().logger)
        let first = keeper.status.certificate.serial
        let tls = try TLSClient.configuration(trusting: directory)
        try await SecureServer.run(tls: { keeper.context }) { server in
            let (ends, end) = AsyncStream<Void>.makeStream()
            let stop = StopSign()
            let served = try await withThrowingTaskGroup(of: Set<String>.self) { group in
                // One that stays all the time, and those that come and go.
                group.addTask {
                    try await RawClient.run(port: server.port, tls: tls) { client in
                        while !stop.isUp { try await client.expectToBeServed() }
                        return [try await client.serverSerial()]
                    }
                }
                for _ in 0..<2 {
                    group.addTask {
                        var serials: Set<String> = []
                        while !stop.isUp {
                            let serial = try await RawClient.run(port: server.port, tls: tls) { client in
                                try await client.expectToBeServed()
                                return try await client.serverSerial()
                            }
                            if serials.insert(serial).inserted { end.yield() }
                        }
                        return serials
                    }
                }
                // Each certificate is replaced once both who come and go have seen it.
                var seen = ends.makeAsyncIterator()
                for _ in 0..<8 {
                    _ = await seen.next()
                    _ = await seen.next()
                    try directory.rotateOwn(now: Date())
                    keeper.check()
                    keeper.check()
                }
                stop.raise()
                var all: [Set<String>] = []
                for try await serials in group { all.append(serials) }
                return all
            }
            #expect(served.contains([first]))
            #expect(served.count { $0.count >= 8 } == 2)
            #expect(keeper.status.generation == 9)
        }
    }

    @Test(.enabled(if: Tool.areThere)) func aStreamOverHTTP2SurvivesARenewal() async throws {
        let temporary = try TemporaryDirectory()
        let directory = try temporary.certificates()
        let keeper = try CertificateKeeper(ServerTLS(.automatic(directory, names: [])), logger: LogLines().logger)
        try await SecureServer.run(tls: { keeper.context }) { server in
            let tls = try TLSClient.configuration(trusting: directory, alpn: ["h2"])
            try await RawClient.run(port: server.port, tls: tls) { client in
                try await client.send(HTTP2Frames.preface + HTTP2Frames.request("/stream", stream: 1))
                #expect(await client.read(until: "first"))
                try directory.rotateAuthority(organization: nil, distrust: true, now: Date())
                keeper.check()
                keeper.check()
                #expect(keeper.status.generation == 2)
                client.forget()
                try await client.send(HTTP2Frames.request("/", stream: 3))
                #expect(await client.read(until: "from 127.0.0.1"))
            }
        }
    }
}
