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
    ///   - make: answers it for a connection that stays, with the same seed each time: the answer that a server before this
    ///     one had is computed anew.
    func response(
        under key: String, to request: Request, body: Data, _ caller: Caller,
        _ make: @escaping @Sendable (ClientConnection, _ seed: UInt64) async throws -> Response
    ) async throws -> Response {
        var hash = SHA256()
        hash.update(data: Data(request.uri.path.utf8))
        hash.update(data: [0])
        hash.update(data: body)
        let name = KeptAnswers.Name(asker: "\(caller.principal.tenant) \(caller.principal.id)", key: key)
        let last = try lastEvent(request)
        let question = Array(hash.finalize())
        let seed = name.seed(of: question)
        let (answer, listener, isNew) = try answers.answer(name, question: question) { try await make($0, seed) }
        do {
            let head = try await caller.connection.whileOpen { try await answer.head(for: listener) }
            // Events of another server's answer may have ended elsewhere in the text.
            return response(head, after: isNew ? 0 : last, answer, listener, caller.connection, isNew: isNew)
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

extension KeptAnswers.Name {
    /// The same for the same question under the same name.
    fileprivate func seed(of question: [UInt8]) -> UInt64 {
        var hash = SHA256()
        for part in [Array(asker.utf8), [0], Array(key.utf8), [0], question] { hash.update(data: part) }
        return hash.finalize().prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
