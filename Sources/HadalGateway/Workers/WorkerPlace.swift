import AsyncHTTPClient
import Foundation
import NIOSSL

/// Where a gateway reaches a worker.
enum WorkerPlace: Sendable {
    /// The path of a Unix socket.
    case socket(String)
    /// The same of a worker that others take the place of.
    case started(CurrentSocket)
    /// An https URL without a path. TLS is asked for with each request: a certificate that was renewed is a configuration of
    /// its own, so that new connections are made for it, while answers go on over those that they began on.
    case remote(URL, tls: @Sendable () -> TLSConfiguration)

    /// - Parameters:
    ///   - socket: that of a worker which is started here.
    ///   - tls: there where any worker is on another machine.
    init(_ model: ServedModel, socket: CurrentSocket, tls: (@Sendable () -> TLSConfiguration)?) {
        if let url = model.worker, let tls {
            self = .remote(url, tls: tls)
        } else {
            self = model.socket.map { .socket($0) } ?? .started(socket)
        }
    }

    /// - Parameter path: begins with `/`.
    func request(_ path: String) -> HTTPClientRequest {
        switch self {
        case .socket(let socket): return WorkerPlace.request(path, socket)
        case .started(let socket): return WorkerPlace.request(path, socket.now)
        case .remote(let url, let tls):
            let base = url.absoluteString
            var request = HTTPClientRequest(url: (base.hasSuffix("/") ? String(base.dropLast()) : base) + path)
            request.tlsConfiguration = tls()
            return request
        }
    }

    private static func request(_ path: String, _ socket: String) -> HTTPClientRequest {
        let socket = socket.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? socket
        return HTTPClientRequest(url: "http+unix://\(socket)\(path)")
    }
}
