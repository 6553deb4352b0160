import ArgumentParser
import HadalAudit
import HadalConfiguration
import HadalJSON
import HadalTerminal

/// `N:HASH`, a place in the chain as verify prints it.
extension AuditAnchor: ExpressibleByArgument {
    public init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let sequence = UInt64(parts[0]), parts[1].utf8.count == 64,
            parts[1].allSatisfy(\.isHexDigit)
        else { return nil }
        self.init(sequence: sequence, hash: parts[1].lowercased())
    }

    var text: String { "\(sequence):\(hash)" }
}

extension AuditKeyID: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension Audit {
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check that nobody has changed, removed or inserted anything in the audit trail.",
            discussion: """
                Exits with 1 where something is not as the server left it, and lists all of it. Keep what it prints at
                the end (the first key and the anchor) where nobody who can write the trail can change it, and give it
                the next time: only so a trail that was replaced as a whole is found (docs/audit.md).

                Examples:
                  hadal audit verify
                  hadal audit verify --root-key 2f6c… --anchor 4711:9a0b…
                """)

        @Option(help: ArgumentHelp("The trail's first key, as it was kept.", valueName: "id")) var rootKey: AuditKeyID?
        @Option(
            help: ArgumentHelp(
                "A place in the chain, as it was kept. May be given more than once.", valueName: "number:hash"))
        var anchor: [AuditAnchor] = []
        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var data: DataOption

        func run() async throws {
            let trail = try await TrailAccess(try data.settings())
            var verifier = AuditVerifier(data: trail.settings.data, keys: trail.keys)
            verifier.trustedKey = rootKey
            verifier.anchors = anchor
            let report = try TrailReport(
                report: trail.verified(verifier), keptKey: rootKey != nil, keptAnchors: !anchor.isEmpty)
            print(json ? report.json.text : report.text)
            if !report.report.isValid { throw ExitCode.failure }
        }
    }
}

extension TrailAccess {
    /// Runs a verification under a progress bar.
    func verified(_ verifier: AuditVerifier) throws -> AuditReport {
        let total = recordCount
        return try withProgress("verifying the audit trail") { report in
            try verifier.run { done in if let total { report(Double(done) / Double(max(1, total))) } }
        }
    }

    /// nil where it cannot be told, as in a trail that was changed.
    private var recordCount: UInt64? {
        var query = AuditQuery()
        guard let newest = try? search.page(query, limit: 1).first else { return nil }
        query.newestFirst = false
        guard let oldest = try? search.page(query, limit: 1).first else { return nil }
        return newest.sequence - oldest.sequence + 1
    }
}
