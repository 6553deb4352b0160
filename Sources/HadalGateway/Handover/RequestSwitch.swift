import HTTPTypes
import HadalHTTP
import Hummingbird
import Synchronization

/// Where a request goes: to this server's pipeline, or to the server that takes its place; between the two it waits.
final class RequestSwitch: Sendable {
    private enum Position {
        case here, held
        case relayed(RequestRelay)
    }

    private struct State {
        var position = Position.here
        /// Requests in progress that may change what lies in the data directory.
        var changing = 0
        var waiting = WaitingList()
        var whenSettled = WaitingList()
    }

    private enum Way {
        case here(isChanging: Bool)
        case wait(AsyncStream<Never>)
        case relay(RequestRelay)
    }

    private let state = Mutex(State())

    func respond(
        to request: Request, _ connection: ClientConnection, _ answer: @Sendable () async -> Response
    ) async -> Response {
        let isChanging = request.mayChangeState
        while true {
            switch way(isChanging) {
            case .here(isChanging: false): return await answer()
            case .here:
                let response = await answer()
                return response.afterLast { self.leave() }
            case .wait(let end):
                for await _ in end {}
                // Who does not wait any more would come round at once.
                if Task.isCancelled { return request.refusal(.draining) }
            case .relay(let relay): return await relay.respond(to: request, connection)
            }
        }
    }

    private func way(_ isChanging: Bool) -> Way {
        state.withLock { state in
            switch state.position {
            case .here:
                if isChanging { state.changing += 1 }
                return .here(isChanging: isChanging)
            case .held: return .wait(state.waiting.join())
            case .relayed(let relay): return .relay(relay)
            }
        }
    }

    private func leave() {
        state.withLock { state in
            state.changing -= 1
            if state.changing == 0 { state.whenSettled.wakeAll() }
        }
    }

    /// Requests that come wait from here on.
    func hold() { state.withLock { $0.position = .held } }

    func release() { move(to: .here) }

    func relay(to relay: RequestRelay) { move(to: .relayed(relay)) }

    private func move(to position: Position) {
        state.withLock { state in
            state.position = position
            state.waiting.wakeAll()
        }
    }

    /// Returns when no request is in progress that changes what lies in the data directory, or the time is over.
    /// - Returns: whether that is so.
    func isSettled(within limit: Duration) async -> Bool {
        let settled = state.withLock { $0.changing == 0 ? nil : $0.whenSettled.join() }
        guard let settled else { return true }
        try? await withTimeLimit(limit) { for await _ in settled {} }
        return state.withLock { $0.changing == 0 }
    }
}

extension Request {
    /// Whether it may write files, batches or variants, or act on the server. Questions to models may be long, and what
    /// they write several servers may write.
    fileprivate var mayChangeState: Bool {
        guard method != .get, method != .head else { return false }
        return (try? Route(method: method, path: uri.path))?.asksModel != true
    }
}

extension Route {
    /// Whether a model answers it, and nothing is changed by it.
    var asksModel: Bool {
        switch self {
        case .chat, .completion, .embedding, .rerank, .tokenize, .detokenize, .responses, .messages, .messageCount,
            .ollamaChat, .ollamaGenerate, .ollamaEmbed, .ollamaEmbedding, .ollamaShow:
            true
        default: false
        }
    }
}

extension Response {
    /// Calls `end` when its last byte has been written, or nobody will write it any more.
    fileprivate func afterLast(_ end: @escaping @Sendable () -> Void) -> Response {
        guard body.contentLength == nil else {
            end()
            return self
        }
        let last = AtEnd(end)
        var response = self
        let body = body
        response.body = ResponseBody { writer in
            try await body.write(writer)
            withExtendedLifetime(last) {}
        }
        return response
    }
}

/// Calls a function when nobody holds it any more.
private final class AtEnd: Sendable {
    private let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }

    deinit { body() }
}
