import Crypto
import Foundation
import HTTPTypes
import HadalAccess
import HadalHTTP
import HadalWire
import Hummingbird

/// Gives an answer under its `Idempotency-Key`: to who asks first, and to who lost the connection and asks again.
struct ResumableStep: Sendable {
    let answers: KeptAnswers
    let keepAlive: Duration

    /// - Parameters:
    ///   - body: of the request.
    ///   - make: answers it for a connection that stays.
    func response(
        under key: String, to request: Request, body: Data, _ caller: Caller,
        _ make: @escaping @Sendable (ClientConnection) async throws -> Response
    ) async throws -> Response {
        var hash = SHA256()
        hash.update(data: Data(request.uri.path.utf8))
        hash.update(data: [0])
        hash.update(data: body)
        let name = KeptAnswers.Name(asker: "\(caller.principal.tenant) \(caller.principal.id)", key: key)
        let last = try lastEvent(request)
        let (answer, listener, isNew) = try answers.answer(name, question: Array(hash.finalize()), make)
        do {
            let head = try await caller.connection.whileOpen { try await answer.head(for: listener) }
            return response(head, after: last, answer, listener, caller.connection, isNew: isNew)
        } catch {
            answers.leave(answer, listener)
            throw error
        }
    }

    private func lastEvent(_ request: Request) throws(GatewayError) -> Int {
        guard let text = request.headers[.lastEventID] else { return 0 }
        guard let number = Int(text), number >= 0 else { throw .badLastEventID(text) }
        return number
    }

    private func response(
        _ head: KeptAnswer.Head, after last: Int, _ answer: KeptAnswer, _ listener: KeptAnswer.Listener,
        _ connection: ClientConnection, isNew: Bool
    ) -> Response {
        var headers = head.headers
        if !isNew { headers[.resumed] = "true" }
        // It was that of the whole.
        headers[.contentLength] = nil
        let reply = HTTPReply.pieces(
            to: connection, headers: headers, keepAlive: head.isOfEvents ? .init(every: keepAlive) : nil
        ) { reply in
            defer { answers.leave(answer, listener) }
            try await answer.forEachPiece(after: head.isOfEvents ? last : 0, for: listener) {
                await reply.send(piece: $0)
            }
        }
        return Response(status: head.status, headers: reply.headers, body: reply.body)
    }
}
