import Foundation
import HadalCertificates
import NIOSSL
import Synchronization
import TestSupport
import Testing

/// Renewing, and taking what was replaced.
@Suite struct KeeperTests {
    private let temporary: TemporaryDirectory
    private let clock = TestClock()
    private let lines = LogLines()

    init() throws { temporary = try TemporaryDirectory() }

    private func keeper(_ settings: ServerTLS) throws -> CertificateKeeper {
        try CertificateKeeper(settings, logger: lines.logger, now: { [clock] in clock.now })
    }

    private func look(_ keeper: CertificateKeeper, times: Int = 2) { for _ in 0..<times { keeper.check() } }

    @Test func whatIsMissingIsMade() throws {
        let directory = CertificateDirectory(temporary.file("new"))
        let keeper = try keeper(ServerTLS(.automatic(directory, names: try localNames())))
        #expect(keeper.status.certificate.names == (try localNames()) && keeper.status.authority != nil)
        #expect(lines.count("clients must trust \(directory.authorityCertificate)") == 1)
        // What is there is used again, and gets the names that it lacks.
        let again = try self.keeper(ServerTLS(.automatic(directory, names: [])))
        #expect(again.status.certificate == keeper.status.certificate)
        let more = try self.keeper(ServerTLS(.automatic(directory, names: [SubjectName(server: "ai.example.org")])))
        #expect(more.status.certificate.names == (try localNames() + [SubjectName(server: "ai.example.org")]))
        #expect(more.status.authority == keeper.status.authority)
    }

    @Test func aCertificateIsRenewedWhenAThirdOfItsLifeIsLeft() throws {
        let directory = try temporary.certificates(now: clock.now)
        let keeper = try keeper(ServerTLS(.automatic(directory, names: [])))
        let first = keeper.status
        clock.advance(days: 59)
        look(keeper)
        #expect(keeper.status == first)
        clock.advance(days: 1.1)
        keeper.check()
        #expect(keeper.status.certificate.serial != first.certificate.serial && keeper.status.generation == 2)
        #expect(keeper.status.certificate.names == first.certificate.names)
        #expect(keeper.status.certificate.daysLeft(at: clock.now) >= 89)
        look(keeper)
        #expect(keeper.status.generation == 2)
    }

    @Test func whatAnotherProcessHasRenewedIsUsedAndNotRenewedAgain() throws {
        let directory = try temporary.certificates(now: clock.now)
        let keeper = try keeper(ServerTLS(.automatic(directory, names: [])))
        clock.advance(days: 61)
        try directory.rotateOwn(now: clock.now)
        let rotated = try directory.entries(now: clock.now)[1].facts
        look(keeper)
        #expect(keeper.status.certificate == rotated)
    }

    @Test func aRenewalThatFailsIsTriedAgainAndTheOldCertificateGoesOn() throws {
        let directory = try temporary.certificates(now: clock.now)
        let keeper = try keeper(ServerTLS(.automatic(directory, names: [])))
        let first = keeper.status.certificate
        let (key, aside) = (directory.path + "/ca.key", temporary.file("aside"))
        try FileManager.default.moveItem(atPath: key, toPath: aside)
        clock.advance(days: 61)
        look(keeper, times: 5)
        #expect(keeper.status.certificate == first && keeper.status.problem?.contains("hadal certs init") == true)
        // Told once, not at each look.
        #expect(lines.count("cannot renew") == 1)
        try FileManager.default.moveItem(atPath: aside, toPath: key)
        clock.advance(days: 0.01)
        look(keeper)
        #expect(keeper.status.certificate != first && keeper.status.problem == nil)
    }

    @Test func theFilesOfAnOperatorAreTakenWhenTheyAreReplaced() throws {
        let (directory, files) = try OperatorFiles.make(temporary, clock)
        let keeper = try keeper(ServerTLS(.files(files)))
        #expect(keeper.status.renewal == nil && keeper.status.authority == nil)
        try directory.rotateOwn(now: clock.now)
        try OperatorFiles.copy(directory, to: files)
        look(keeper)
        #expect(keeper.status.certificate == (try directory.entries(now: clock.now)[1].facts))
    }

    @Test func aPairIsNotTakenBetweenItsHalves() throws {
        let (directory, files) = try OperatorFiles.make(temporary, clock)
        let keeper = try keeper(ServerTLS(.files(files)))
        try directory.rotateOwn(now: clock.now)
        try OperatorFiles.copy(directory.serverFiles.key, to: files.key)
        keeper.check()
        try OperatorFiles.copy(directory.serverFiles.certificate, to: files.certificate)
        keeper.check()
        #expect(keeper.status.generation == 1 && lines.count("error") == 0)
        keeper.check()
        #expect(keeper.status.generation == 2)
    }

    @Test func theEndIsWarnedOfOnceAtEachMark() throws {
        let (_, files) = try OperatorFiles.make(temporary, clock)
        let keeper = try keeper(ServerTLS(.files(files)))
        for (advance, warnings) in [(59.0, 0), (2, 1), (10, 1), (6, 2), (7, 3), (5.2, 4), (0.3, 4)] {
            clock.advance(days: advance)
            look(keeper, times: 3)
            #expect(lines.count("warning: the server's certificate ends") == warnings, "\(advance)")
        }
        clock.advance(days: 1)
        look(keeper, times: 3)
        #expect(lines.count("error: the server's certificate has ended") == 1)
    }

    @Test func trustInAReplacedAuthorityEndsWithoutARestart() throws {
        let directory = try temporary.certificates(now: clock.now)
        try directory.rotateAuthority(organization: nil, distrust: false, now: clock.now)
        let keeper = try keeper(ServerTLS(.automatic(directory, names: []), clients: .required(.own(directory))))
        #expect(roots(keeper) == 2)
        clock.advance(days: 89)
        look(keeper)
        #expect(roots(keeper) == 2)
        clock.advance(days: 2)
        look(keeper)
        #expect(roots(keeper) == 1)
    }

    private func roots(_ keeper: CertificateKeeper) -> Int? {
        guard case .certificates(let roots)? = keeper.context.configuration.trustRoots else { return nil }
        return roots.count
    }

    @Test func theServiceLooksAgainAndAgainUntilItIsStopped() async throws {
        let (looks, look) = AsyncStream<Void>.makeStream()
        let (_, files) = try OperatorFiles.make(temporary, clock)
        let keeper = try CertificateKeeper(
            ServerTLS(.files(files)), logger: lines.logger,
            pause: {
                look.yield()
                try await Task.sleep(for: .milliseconds(1))
            })
        let running = Task { try await keeper.run() }
        var seen = 0
        for await _ in looks {
            seen += 1
            if seen == 3 { break }
        }
        running.cancel()
        try await running.value
    }

    @Test func aKeyIsInNoDescription() throws {
        let directory = try temporary.certificates(now: clock.now)
        let keeper = try keeper(ServerTLS(.automatic(directory, names: [])))
        let key = try String(contentsOfFile: directory.serverFiles.key, encoding: .utf8).split(separator: "\n")[1]
        for text in ["\(keeper.status)", "\(keeper)", lines.all.joined()] { #expect(!text.contains(key)) }
    }
}
