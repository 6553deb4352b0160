import Foundation
import HadalStore
import TestSupport
import Testing

@testable import HadalBundle

/// Processes that are killed, and disks that are full.
@Suite(.timeLimit(.minutes(15)))
struct TroubleTests {
    private let site: BundleSite
    private let manifests: [Manifest]
    private let path: String
    private let victim = Victim()

    init() throws {
        site = try BundleSite()
        let shared = Bytes.compressible(700_000, seed: 1)
        manifests = [
            try site.add("a/one", ["x": shared, "empty": [], "y": Bytes.random(300_000, seed: 2), "one": [1]]),
            try site.add("b/two", ["x": shared, "z": Bytes.compressible(90_000, seed: 3)]),
        ]
        path = try site.export(manifests, split: 40_000)
    }

    /// - Returns: nil where it was killed.
    private func probe(
        _ path: String, bytesMax: Int = 0, killAt: Int = 0, spins: Int = 0, output: FileHandle? = nil
    ) async throws -> Int32? {
        let arguments = [site.target.directory, path, "\(bytesMax)", "\(killAt)", "\(spins)"]
        return try await victim.run("BundleProbe", arguments, output: output)
    }

    /// Of which a part has two or three, so that each run takes one part at least.
    @Test func anImportThatIsKilledAtEachStepComesToItsEnd() async throws {
        var kills = 0
        while true {
            if let status = try await probe(path, killAt: kills % 4 + 4) {
                #expect(status == 0)
                break
            }
            kills += 1
            // What is there by then is whole.
            for manifest in try site.target.manifests() {
                var known: [BlobDigest: String?] = [:]
                #expect(try site.target.verify(manifest, known: &known).isEmpty)
            }
            try #require(kills < 100)
        }
        #expect(kills > 2)
        try site.expectWhole(manifests)
    }

    /// At a time that chance gives: while files are hashed, renamed, entered.
    @Test(arguments: 0..<16) func anImportThatIsKilledAnywhereGoesOn(seed: UInt64) async throws {
        var random = SplitMix(state: seed)
        let path = try seed % 2 == 0 ? path : site.export(manifests, split: 100_000, compresses: true, name: "y")
        for _ in 0..<3 {
            let (killAt, spins) = (
                Int.random(in: 1...30, using: &random), Int.random(in: 1...20_000_000, using: &random)
            )
            _ = try await probe(path, killAt: killAt, spins: spins)
            for manifest in try site.target.manifests() {
                var known: [BlobDigest: String?] = [:]
                #expect(try site.target.verify(manifest, known: &known).isEmpty)
            }
        }
        let result = try site.take(path)
        #expect(result.missingParts.isEmpty && result.unfinished.isEmpty)
        try site.expectWhole(manifests)
    }

    @Test func aPartThatWasTakenIsNotNeededAgain() async throws {
        #expect(try await probe(path, killAt: 4) == nil)
        unlink(site.part(1))
        #expect(try site.take(path).missingParts.isEmpty)
        try site.expectWhole(manifests)
    }

    @Test(arguments: [1, 50, 5000, 150_000, 699_999]) func aFullDiskIsAnErrorAndGoesOnLater(bytesMax: Int) async throws
    {
        let log = try site.folder.write([], "log")
        let output = try #require(FileHandle(forWritingAtPath: log))
        #expect(try await probe(path, bytesMax: bytesMax, output: output) == 1)
        let error = String(decoding: Bytes.of(log), as: UTF8.self)
        #expect(error.contains("error: cannot write") || bytesMax == 1, "\(error)")
        #expect(try site.target.manifests().count < 2)
        _ = try site.take(path)
        try site.expectWhole(manifests)
    }

    /// Where this user may mount one.
    @Test func aDiskThatFillsUpIsAnErrorAndGoesOnLater() throws {
        let mounted = site.target.directory
        try FileManager.default.createDirectory(atPath: mounted, withIntermediateDirectories: true)
        guard geteuid() == 0, mount("tmpfs", mounted, "tmpfs", 0, "size=600k") == 0 else { return }
        defer { umount2(mounted, Int32(MNT_DETACH)) }
        #expect(words { try site.take(path) }.contains("30 % more"))
        #expect(words { try site.take(path, freeSpace: FreeSpace { _ in .max }) }.contains("No space left on device"))
        #expect(try site.target.manifests().isEmpty)
        #expect(mount("tmpfs", mounted, "tmpfs", UInt(MS_REMOUNT), "size=10m") == 0)
        _ = try site.take(path)
        try site.expectWhole(manifests)
    }

    @Test func aClaimThatOutlivedItsProcessGoes() throws {
        _ = try site.take(path)
        _ = try site.target.begin(
            Claim(
                id: manifests[0].id, name: manifests[0].name, commit: "c0ffee", byteCount: 1, blobs: [], partials: []))
        let result = try site.take(path)
        #expect(result.entered == [manifests[0]] && result.takenBytes == 0)
        try site.expectWhole(manifests)
    }

    @Test func twoImportsAtOnceDoNotMix() throws {
        let claim = Claim(
            id: manifests[0].id, name: manifests[0].name, commit: "c0ffee", byteCount: 1, blobs: [], partials: [])
        let lock = try site.target.begin(claim)
        #expect(words { try site.take(path) }.contains("another process is at a/one@c0ffee"))
        withExtendedLifetime(lock) {}
    }

    @Test func anExportThatFailsLeavesNothing() throws {
        struct Stop: Error {}
        let export = BundleExport(store: site.source, to: site.stick, partBytesMax: 50_000, key: nil)
        #expect(throws: Stop.self) {
            try export.run(manifests, name: "y") { done, _ in if done > 800_000 { throw Stop() } }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: site.stick).allSatisfy { $0.hasPrefix("x.") })
    }
}
