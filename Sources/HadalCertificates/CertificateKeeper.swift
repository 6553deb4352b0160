import Foundation
import Logging
import NIOSSL
import ServiceLifecycle
import Synchronization

/// Has a server's or gateway's certificate ready: renews an own one, and sees when files were replaced. New connections use
/// what is current; those that exist go on with what they began with.
public final class CertificateKeeper: Service {
    /// What the looks before this one have found.
    private struct Watch {
        /// Files that were replaced and may still be written.
        var seen: [FileStamp?]?
        /// What cannot be used, so that it is not tried and told again.
        var refused: [FileStamp?]?
        var nextRenewal = Date.distantPast
        var warnings: ExpiryWarnings
        var authorityWarnings = ExpiryWarnings("the certificate authority")
    }

    private let settings: any TLSSide
    private let logger: Logger
    private let now: @Sendable () -> Date
    private let pause: @Sendable () async throws -> Void
    /// Connections ask for it: never held for long.
    private let current: Mutex<LoadedTLS>
    private let watch: Mutex<Watch>

    /// Of a server.
    /// - Parameters:
    ///   - pause: between two looks at the files.
    /// - Throws: where there is nothing to begin with.
    public convenience init(
        _ settings: ServerTLS, logger: Logger, now: @escaping @Sendable () -> Date = { Date() },
        pause: @escaping @Sendable () async throws -> Void = CertificateKeeper.pause
    ) throws(CertificateError) {
        try self.init(side: settings, logger: logger, now: now, pause: pause)
    }

    /// Of a gateway, for its workers on other machines.
    public convenience init(
        _ settings: ClientTLS, logger: Logger, now: @escaping @Sendable () -> Date = { Date() },
        pause: @escaping @Sendable () async throws -> Void = CertificateKeeper.pause
    ) throws(CertificateError) {
        try self.init(side: settings, logger: logger, now: now, pause: pause)
    }

    @Sendable public static func pause() async throws { try await Task.sleep(for: .seconds(3)) }

    private init(
        side settings: some TLSSide, logger: Logger, now: @escaping @Sendable () -> Date,
        pause: @escaping @Sendable () async throws -> Void
    ) throws(CertificateError) {
        self.settings = settings
        self.logger = logger
        self.now = now
        self.pause = pause
        if case .automatic(let directory, let names) = settings.source {
            try directory.prepare(settings.purpose, names: names, now: now(), logger)
        }
        watch = Mutex(Watch(warnings: ExpiryWarnings("the \(settings.purpose.rawValue)'s certificate")))
        current = Mutex(try LoadedTLS(settings, generation: 1, now: now()))
    }

    /// For the next connection.
    public var context: NIOSSLContext { current.withLock(\.context) }

    /// Gives the context that is current then.
    public var giveContext: @Sendable () -> NIOSSLContext { { self.context } }

    /// Gives what such a context is made of.
    public var giveConfiguration: @Sendable () -> TLSConfiguration { { self.current.withLock(\.configuration) } }

    public var status: CertificateStatus { current.withLock(\.status) }

    public func run() async throws {
        try await cancelWhenGracefulShutdown { [self] in
            while !Task.isCancelled {
                check()
                do { try await pause() } catch is CancellationError { return }
            }
        }
    }

    /// Looks once whether there is something to do.
    public func check() {
        let now = now()
        watch.withLock { watch in
            renewIfDue(&watch, now: now)
            reloadIfReplaced(&watch, now: now)
            let status = status
            watch.warnings.check(status.certificate, now: now, logger)
            if let authority = status.authority { watch.authorityWarnings.check(authority, now: now, logger) }
        }
    }

    private func renewIfDue(_ watch: inout Watch, now: Date) {
        guard case .automatic(let directory, _) = settings.source, let due = status.renewal,
            now >= max(due, watch.nextRenewal)
        else { return }
        do throws(CertificateError) {
            // Another process may have done it: what lies there is looked at, not what is in use.
            try directory.renewIfDue(settings.purpose, now: now)
            try use(&watch, now: now)
        } catch {
            watch.nextRenewal = now.addingTimeInterval(600)
            tell("cannot renew the \(settings.purpose.rawValue)'s certificate, trying again in ten minutes: \(error)")
        }
    }

    private func reloadIfReplaced(_ watch: inout Watch, now: Date) {
        let stamps = settings.watched.map { FileStamp($0) }
        let (used, trustEnds) = current.withLock { ($0.stamps, $0.trustEnds) }
        let isReplaced = stamps != used
        let hasTrustEnded = trustEnds.map { now >= $0 } ?? false
        guard isReplaced || hasTrustEnded else {
            watch.seen = nil
            return
        }
        // A file that is being copied, or whose other half comes next, has changed again at the next look.
        guard !isReplaced || stamps == watch.seen else {
            watch.seen = stamps
            return
        }
        guard stamps != watch.refused else { return }
        do throws(CertificateError) {
            try use(&watch, now: now)
        } catch {
            watch.refused = stamps
            tell("the new certificate is not used, the old one goes on: \(error)")
        }
    }

    private func use(_ watch: inout Watch, now: Date) throws(CertificateError) {
        let loaded = try LoadedTLS(settings, generation: status.generation + 1, now: now)
        current.withLock { $0 = loaded }
        watch.seen = nil
        watch.refused = nil
        logger.notice("new connections use the certificate that ends on \(loaded.status.certificate.notAfter.day)")
    }

    private func tell(_ problem: String) {
        current.withLock { $0.status.problem = problem }
        logger.error("\(problem)")
    }
}
