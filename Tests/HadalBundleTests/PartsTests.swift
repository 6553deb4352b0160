import Foundation
import HadalStore
import TestSupport
import Testing

@testable import HadalBundle

/// Parts that are not where, or not what, they should be.
@Suite(.timeLimit(.minutes(15)))
struct PartsTests {
    /// Ten parts of two models.
    private static func bundle(compresses: Bool = false) throws -> (
        site: BundleSite, manifests: [Manifest], path: String
    ) {
        let site = try BundleSite()
        let manifests = try site.addTwo()
        return (site, manifests, try site.export(manifests, split: compresses ? 4200 : 5000, compresses: compresses))
    }

    @Test(arguments: 0..<10) func partsComeInAnyOrderOneStickAfterTheOther(seed: Int) throws {
        let (site, manifests, path) = try Self.bundle(compresses: seed % 2 == 1)
        let count = try BundleInspection(path).parts.count
        #expect(count > 3)
        var random = SplitMix(state: UInt64(seed))
        var left = Set(1...count)
        let away = site.folder.file("away")
        try FileManager.default.createDirectory(atPath: away, withIntermediateDirectories: true)
        for number in left { rename(site.part(number), away + "/\(number)") }
        while !left.isEmpty {
            let now = left.shuffled(using: &random).prefix(2)
            for number in now { rename(away + "/\(number)", site.part(number)) }
            let result = try site.take(path)
            left.subtract(now)
            #expect(result.missingParts == left.sorted().map { BundleIndex.partName("x", $0) })
            #expect(result.unfinished.isEmpty == left.isEmpty)
            for number in now { unlink(site.part(number)) }
        }
        try site.expectWhole(manifests)
    }

    @Test func partsMayLieElsewhere() throws {
        let (site, manifests, path) = try Self.bundle()
        let other = site.folder.file("other")
        try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
        rename(site.part(2), other + "/x.002")
        #expect(try site.take(path).missingParts == ["x.002"])
        #expect(try site.take(path, parts: [other]).missingParts.isEmpty)
        try site.expectWhole(manifests)
    }

    @Test func anotherPartUnderTheNameIsToldOff() throws {
        let (site, manifests, path) = try Self.bundle()
        let second = Bytes.of(site.part(2))
        try Bytes.write(Bytes.of(site.part(3)), site.part(2))
        #expect(
            words { try site.take(path) }.contains(
                "x.002 at byte 24: part 3 of the bundle, so it should be called x.003"))
        try Bytes.write(second, site.part(2))
        _ = try site.take(path)
        try site.expectWhole(manifests)
    }

    @Test func aPartOfAnotherBundleIsToldOff() throws {
        let (site, manifests, path) = try Self.bundle()
        _ = try site.export(manifests, split: 5000, name: "y")
        try Bytes.write(Bytes.of(site.stick + "/y.002"), site.part(2))
        #expect(words { try site.take(path) }.contains("x.002 at byte 8: a part of another bundle"))
        let states = try BundleInspection(path).parts.map(\.state)
        #expect(states[0] == .present && states[1] != .present)
    }

    @Test(arguments: [0, 1, 27, 28, 29, 4999]) func aPartThatWasCutOffIsToldOff(count: Int) throws {
        let (site, manifests, path) = try Self.bundle()
        let part = Bytes.of(site.part(2))
        try Bytes.write(Array(part.prefix(count)), site.part(2))
        #expect(words { try site.take(path) }.contains("copy it again"))
        #expect(try site.target.find("a/one") == nil)
        try Bytes.write(part + [0], site.part(2))
        #expect(words { try site.take(path) }.contains("5001 bytes instead of 5000"))
        try Bytes.write(part, site.part(2))
        _ = try site.take(path)
        try site.expectWhole(manifests)
    }

    /// A byte of each kind, turned.
    @Test(arguments: [false, true]) func noTurnedBitIsTaken(compresses: Bool) throws {
        let (site, manifests, path) = try Self.bundle(compresses: compresses)
        let count = try BundleInspection(path).parts.count
        var random = SplitMix(state: 5)
        for number in 1...count {
            let part = Bytes.of(site.part(number))
            let places = [0, 7, 8, 23, 24, 27, 28, part.count - 1, Int.random(in: 28..<part.count, using: &random)]
            for place in places {
                var other = part
                other[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                try Bytes.write(other, site.part(number))
                let error = words { try site.take(path) }
                #expect(error.contains(BundleIndex.partName("x", number) + " at byte"), "\(place): \(error)")
            }
            try Bytes.write(part, site.part(number))
        }
        _ = try site.take(path)
        try site.expectWhole(manifests)
    }

    @Test func whatAPullBeganGoesOn() throws {
        let (site, manifests, path) = try Self.bundle()
        let file = try #require(manifests[0].files.first { $0.size == 40_000 })
        let bytes = try #require(site.contents[file.digest])
        // A pull of another model with the same file, which was cut off.
        let claim = Claim(
            id: "0123456789abcdef", name: "c/three", commit: "abc", byteCount: 1, blobs: [],
            partials: [file.digest.description])
        _ = try site.target.begin(claim)
        do {
            let partial = try PartialFile(
                site.target.partial(file.digest.description), size: file.size, name: "x", saveBytes: 1 << 20)
            _ = try bytes[..<30_000].withUnsafeBytes { try partial.write($0, at: 0) }
            try partial.save()
        }
        let needed = try BundleInspection(path).index.blobs.filter { $0.digest == file.digest }[0].extents
        #expect(needed.count > 5)
        let result = try site.take(path)
        #expect(result.takenBytes < 20_000)
        #expect(result.entered == manifests)
    }
}
