import AsyncHTTPClient
import HTTPTypes
import HadalHTTP
import HadalJSON
import HadalWire
import Hummingbird
import NIOCore
import NIOHTTP1
import Synchronization

/// Sends requests that still come to this server to the one that has taken its place, over a socket that only this user can
/// open, and gives its answers.
final class RequestRelay: Sendable {
    /// Tells who asks; it counts on that socket alone.
    static let peer = HTTPField.Name("Hadal-Relayed-Peer")!
    static let recordPath = "/handover/record"

    /// What stands for one connection is not for the next (RFC 9110, 7.6.1).
    private static let hops: Set<String> = [
        "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
    ]

    private let http: HTTPClients
    private let place: WorkerPlace
    /// Requests that are being passed on.
    private let gate: RequestGate

    init(http: HTTPClients, socket: String, gate: RequestGate) {
        self.http = http
        place = .socket(socket)
        self.gate = gate
    }

    func respond(to request: Request, _ connection: ClientConnection) async -> Response {
        do {
            // Anything else, behind a host's name, could name another host.
            guard let path = request.head.path, path.hasPrefix("/") else {
                throw GatewayError.noRoute(path: request.uri.path)
            }
            let pass = try? gate.enter(for: connection)
            let outgoing = outgoing(path, request, connection)
            let answer = try await connection.whileOpen { [http] in
                try await http.ofThisThread.execute(outgoing, deadline: .distantFuture)
            }
            var headers = HTTPFields()
            for (name, value) in answer.headers where !Self.hops.contains(name.lowercased()) {
                if let name = HTTPField.Name(name) { headers.append(HTTPField(name: name, value: value)) }
            }
            let isShort = headers[.contentLength].flatMap { Int($0) }.map { $0 <= 1 << 20 } ?? false
            guard isShort || request.method == .head else {
                headers[.contentLength] = nil
                return HTTPReply.passOn(
                    Parts(body: answer.body, pass: pass), status: Int(answer.status.code), headers: headers,
                    to: connection)
            }
            let body = try await answer.body.collect(upTo: 1 << 20)
            pass?.leave()
            return Response(
                status: .init(code: Int(answer.status.code)), headers: headers,
                body: request.method == .head ? .init() : .init(byteBuffer: body))
        } catch let error as GatewayError {
            return request.refusal(error)
        } catch {
            return request.refusal(.draining)
        }
    }

    /// Holds the request's place as long as its answer is read.
    private struct Parts: AsyncSequence, Sendable {
        typealias Element = ByteBuffer
        let body: HTTPClientResponse.Body
        let pass: RequestGate.Pass?

        func makeAsyncIterator() -> HTTPClientResponse.Body.AsyncIterator { body.makeAsyncIterator() }
    }

    private func outgoing(
        _ path: String, _ request: Request, _ connection: ClientConnection
    ) -> HTTPClientRequest {
        var outgoing = place.request(path)
        outgoing.method = HTTPMethod(rawValue: request.method.rawValue)
        for field in request.headers {
            let name = field.name.canonicalName
            let isOurs = name == "content-length" || name == "expect" || name == Self.peer.canonicalName
            if !isOurs, !Self.hops.contains(name) { outgoing.headers.add(name: name, value: field.value) }
        }
        if let authority = request.head.authority { outgoing.headers.replaceOrAdd(name: "host", value: authority) }
        outgoing.headers.replaceOrAdd(name: Self.peer.canonicalName, value: connection.peerText)
        // One for each request, so that its end is the client's.
        outgoing.headers.replaceOrAdd(name: "connection", value: "close")
        let length = request.headers[.contentLength].flatMap { Int64($0) }
        if let length {
            if length > 0 { outgoing.body = .stream(request.body, length: .known(length)) }
        } else if ![.get, .head, .delete, .options].contains(request.method) {
            outgoing.body = .stream(request.body, length: .unknown)
        }
        return outgoing
    }

    // MARK: records

    /// - Returns: what the other server answers to a record for the audit trail.
    /// - Throws: where it does not answer.
    func record(_ json: JSON) async throws -> JSON {
        var request = place.request(Self.recordPath)
        request.method = .POST
        request.headers.add(name: "connection", value: "close")
        request.body = .bytes(ByteBuffer(bytes: json.bytes))
        let answer = try await http.ofThisThread.execute(request, deadline: .now() + .seconds(60))
        return try JSON(parsing: try await answer.body.collect(upTo: 1 << 20).readableBytesView)
    }
}

extension Request {
    /// In the shape of the API that it belongs to.
    func refusal(_ error: GatewayError) -> Response {
        ErrorShape(path: uri.path).response(ErrorObject(any: error), error)
    }
}
