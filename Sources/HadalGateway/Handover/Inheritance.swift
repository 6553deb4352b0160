import Foundation
import HadalHTTP
import HadalJSON
import Logging
import Synchronization

/// What this server takes over from one that runs, whose place it takes.
final class Inheritance: Sendable {
    /// Says in the environment that there is something: at 3 the channel, at 4 the listening socket, then the workers'.
    static let variable = "HADAL_HANDOVER"
    static let channelDescriptor: Int32 = 3
    static let listenerDescriptor: Int32 = 4
    static let firstWorkerDescriptor: Int32 = 5

    let offer: HandoverOffer
    let channel: HandoverChannel
    let listener = Listener(inherited: Inheritance.listenerDescriptor, isPaused: true)
    let workers: Heirs.Workers

    private init(
        _ offer: HandoverOffer, _ channel: HandoverChannel, _ workers: Heirs.Workers
    ) {
        self.offer = offer
        self.channel = channel
        self.workers = workers
    }

    /// Gets ready, which may take as long as models load, then waits until all is this server's.
    /// - Returns: nil where this server takes nobody's place.
    /// - Throws: where it cannot take it. The other server goes on then.
    static func receive(_ configuration: GatewayConfiguration) async throws -> Inheritance? {
        guard let value = ProcessInfo.processInfo.environment[variable], !value.isEmpty else { return nil }
        _ = fcntl(channelDescriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(listenerDescriptor, F_SETFD, FD_CLOEXEC)
        let channel = HandoverChannel(channelDescriptor)
        var messages = channel.messages.makeAsyncIterator()
        guard let first = await messages.next() else { throw HandoverProblem("nobody says what is to be taken over") }
        do {
            let offer = try HandoverOffer(first)
            try check(offer, configuration)
            let workers = try await Heirs(configuration, offer).workers()
            channel.send(["state": "prepared"])
            // Where the other server died meanwhile, nobody else has what it had.
            while let message = await messages.next(), message["state"] != "yours" {}
            for (name, worker) in workers.all {
                guard case .running(let child, _) = worker, !child.isRunning else { continue }
                throw HandoverProblem("the worker \(name) has ended meanwhile")
            }
            return Inheritance(offer, channel, workers)
        } catch {
            channel.send(["state": "failed", "reason": .string("\(error)")])
            throw error
        }
    }

    private static func check(_ offer: HandoverOffer, _ configuration: GatewayConfiguration) throws {
        guard offer.listen == configuration.listen.description else {
            throw HandoverProblem(
                "listen: it is \(configuration.listen) now and was \(offer.listen); stop the server and start it again")
        }
        guard offer.data == configuration.dataDirectory else {
            throw HandoverProblem(
                "data: it is \(configuration.dataDirectory ?? "none") now and was \(offer.data ?? "none"); stop the "
                    + "server and start it again")
        }
    }

    private let accepted = Atomic(false)

    /// Whether this server has told the other one that it serves. Until then all is the other one's.
    var isAccepted: Bool { accepted.load(ordering: .acquiring) }

    /// From here on this server may end them.
    func ownWorkers() {
        for (_, worker) in workers.all {
            if case .running(let child, _) = worker { child.becomesOwn() }
        }
    }

    func accept(_ message: JSON) {
        accepted.store(true, ordering: .releasing)
        channel.send(message)
    }

    /// - Parameter error: why this server cannot serve although all was given to it.
    func fail(_ error: any Error) { channel.send(["state": "failed", "reason": .string("\(error)")]) }
}

/// Why a server cannot take another one's place.
struct HandoverProblem: Error, Sendable, CustomStringConvertible, LocalizedError {
    let description: String

    init(_ description: String) { self.description = description }

    var errorDescription: String? { description }
}
