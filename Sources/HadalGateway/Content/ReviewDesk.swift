import Foundation
import HadalAccess
import HadalHTTP
import Logging

/// Where questions wait until somebody has allowed them. What cannot be found out is not allowed.
struct ReviewDesk: Sendable {
    /// What a client is told of a question that may not be asked now.
    struct Ticket: Sendable, Hashable {
        /// By which somebody can allow it: of the first request that asked this.
        var id: String
        /// Whether somebody has refused it, so that it does not wait.
        var isRefused: Bool
    }

    private let store: ReviewStore
    private let logger: Logger

    init(_ store: ReviewStore, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    /// - Parameter exchange: with the question as the client wrote it: before anything in it was masked or replaced.
    func isAllowed(_ exchange: Exchange) -> Bool {
        let principal = exchange.caller.principal
        do {
            guard try store.hasAllowed() else { return false }
            return try store.isAllowed(
                ReviewDigest.of(exchange.question, principal), tenant: principal.tenant)
        } catch {
            logger.error("reviews cannot be read; nothing is allowed", metadata: ["error": "\(error)"])
            return false
        }
    }

    /// Lets a question wait, by the exchange's id unless it waits already. Waits for the disk, on other threads.
    /// - Parameter exchange: with the question as the client wrote it.
    func wait(_ exchange: Exchange) async -> Ticket {
        let principal = exchange.caller.principal
        let question = ReviewQuestion(
            id: exchange.id, digest: ReviewDigest.of(exchange.question, principal), tenant: principal.tenant,
            user: principal.person, userName: principal.name, model: exchange.model,
            verdicts: exchange.verdicts.summary, time: Date())
        do {
            let entry = try await onOtherThreads { [store] in try store.add(question) }
            return Ticket(id: entry.question.id, isRefused: entry.decision?.isAllowed == false)
        } catch {
            logger.error(
                "a question to review cannot be kept, so nobody can allow it",
                metadata: ["id": "\(exchange.id)", "error": "\(error)"])
            return Ticket(id: exchange.id, isRefused: false)
        }
    }
}
