import AsyncHTTPClient
import Foundation
import HadalClient
import NIOCore

/// A client with as many connections as there are questions on their way, for as long as `body` runs.
public func withLoadClient<Value>(
    _ server: URL, key: String?, _ body: (HadalClient) async throws -> Value
) async throws -> Value {
    var settings = HTTPClient.Configuration()
    settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = LoadTest.inFlightMax
    settings.connectionPool.retryConnectionEstablishment = false
    settings.timeout.connect = .seconds(10)
    let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    do {
        let value = try await body(HadalClient(server, key: key, http: http))
        try await http.shutdown()
        return value
    } catch {
        try await http.shutdown()
        throw error
    }
}
