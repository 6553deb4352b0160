import Foundation
import HadalStore
import TestSupport
import Testing

@testable import HadalBundle

@Suite(.timeLimit(.minutes(15)))
struct RoundTripTests {
    @Test(arguments: [false, true]) func modelsComeAsTheyWere(compresses: Bool) throws {
        let site = try BundleSite()
        let manifests = try site.addTwo()
        let path = try site.export(manifests, compresses: compresses)
        let inspection = try BundleInspection(path, verifies: true)
        #expect(inspection.parts.map(\.state) == [.intact])
        // What both have is there once.
        #expect(inspection.index.blobs.count == 6)
        let result = try site.take(path)
        #expect(result.entered == manifests && result.missingParts.isEmpty)
        #expect(result.takenBytes == inspection.index.byteCount)
        try site.expectWhole(manifests)
    }

    @Test func whatShrinksIsCompressedAndWhatDoesNotIsNot() throws {
        let site = try BundleSite()
        let manifests = try site.addTwo()
        let index = try BundleInspection(try site.export(manifests, compresses: true)).index
        let compressed = index.blobs.filter { $0.extents.contains(where: \.isCompressed) }
        #expect(compressed.map(\.size) == [40_000])
        #expect(index.storedByteCount < index.byteCount / 2)
    }

    /// Each byte of small files is once where a part ends.
    @Test(arguments: [29, 30, 31, 35, 41, 63, 97, 127, 128, 129, 255, 327, 328, 329]) func splitsAtOddPlaces(
        split: Int64
    ) throws {
        let site = try BundleSite()
        let sizes = [0, 1, 2, 3, 28, 99, 100, 101, 300]
        let files = Dictionary(uniqueKeysWithValues: sizes.map { ("f\($0)", Bytes.random($0, seed: UInt64($0))) })
        let manifest = try site.add("a/b", files)
        let path = try site.export([manifest], split: split)
        let index = try BundleInspection(path).index
        #expect(index.parts.dropLast().allSatisfy { $0.size == split })
        #expect(Int64(sizes.reduce(0, +)) == index.storedByteCount - 28 * Int64(index.parts.count))
        _ = try site.take(path)
        try site.expectWhole([manifest])
    }

    @Test(arguments: [4124, 4125, 5001, 10_007, 65_537]) func framesStayWithinTheirParts(split: Int64) throws {
        let site = try BundleSite()
        let manifest = try site.add(
            "a/b",
            [
                "x": Bytes.compressible(200_001, seed: 1), "y": Bytes.random(20_000, seed: 2),
                "z": Array(repeating: 0, count: 90_000),
            ])
        let path = try site.export([manifest], split: split, compresses: true)
        let index = try BundleInspection(path).index
        #expect(index.parts.count > 1 && index.parts.allSatisfy { $0.size <= split })
        #expect(index.storedByteCount < manifest.byteCount / 2)
        _ = try site.take(path)
        try site.expectWhole([manifest])
    }

    @Test func manyFramesAndPiecesOfALargeFile() throws {
        let site = try BundleSite()
        let manifest = try site.add(
            "a/b", ["x": Bytes.compressible(9_000_001, seed: 1), "y": Bytes.random(3_000_003, seed: 2)])
        let path = try site.export([manifest], split: 2_000_000, compresses: true)
        _ = try site.take(path)
        try site.expectWhole([manifest])
    }

    @Test func whatIsThereIsNotNeededFromTheParts() throws {
        let site = try BundleSite()
        let manifests = try site.addTwo()
        let first = try site.export([manifests[0]], name: "first")
        _ = try site.take(first)
        let path = try site.export(manifests)
        let result = try site.take(path)
        #expect(result.present == [manifests[0]] && result.entered == [manifests[1]])
        #expect(result.takenBytes == 1777)
        // Again: not even the parts are looked for.
        try FileManager.default.removeItem(atPath: site.part(1))
        let again = try site.take(path)
        #expect(again.present == manifests && again.takenBytes == 0 && again.missingParts.isEmpty)
        try site.expectWhole(manifests)
    }

    @Test func aDamagedModelIsMended() throws {
        let site = try BundleSite()
        let manifests = try site.addTwo()
        let path = try site.export(manifests)
        _ = try site.take(path)
        let blob = site.target.blob(manifests[1].files[0].digest)
        chmod(blob, 0o644)
        try Bytes.write([1, 2, 3], blob)
        let result = try site.take(path)
        #expect(result.entered == [manifests[1]] && result.takenBytes == manifests[1].files[0].size)
        try site.expectWhole(manifests)
    }

    @Test func tagsComeWhereTheyAreFree() throws {
        let site = try BundleSite()
        let manifests = try site.addTwo()
        let (r1, r2) = (try ModelTag("r1"), try ModelTag("r2"))
        try site.source.tag(manifests[0], r1, moves: false)
        try site.source.tag(manifests[1], r2, moves: false)
        _ = try site.take(try site.export([manifests[0]], name: "one"))
        try site.target.tag(manifests[0], r2, moves: false)
        let path = try site.export(manifests)
        let result = try site.take(path)
        #expect(result.tags.map(\.tag) == [r1] && result.takenTags == [r2])
        #expect(try site.target.find("r2") == manifests[0])
        #expect(try site.take(path, movesTags: true).takenTags.isEmpty)
        #expect(try site.target.find("r2") == manifests[1])
    }

    @Test func aDamagedOrMissingFileIsNotExported() throws {
        let site = try BundleSite()
        let manifest = try site.add("a/b", ["x": Bytes.random(1000, seed: 1), "y": Bytes.random(500, seed: 2)])
        let blob = site.source.blob(manifest.files[1].digest)
        chmod(blob, 0o644)
        try Bytes.write(Bytes.random(500, seed: 3), blob)
        #expect(words { try site.export([manifest], split: 400) }.contains("y of a/b@c0ffee is damaged"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: site.stick).isEmpty)
        unlink(blob)
        #expect(words { try site.export([manifest]) }.contains("hadal pull mends it"))
    }

    @Test func exportsSayWhatIsInTheirWay() throws {
        let site = try BundleSite()
        let manifest = try site.add("a/b", ["x": Bytes.random(20_000, seed: 1)])
        _ = try site.export([manifest])
        #expect(words { try site.export([manifest]) }.contains("is there already"))
        #expect(words { try site.export([manifest], name: "../y") }.contains("--name"))
        // What is no part of a bundle stays.
        try Bytes.write([1, 2, 3], site.stick + "/z.001")
        #expect(words { try site.export([manifest], name: "z") }.contains("z.001 is there already"))
        #expect(Bytes.of(site.stick + "/z.001") == [1, 2, 3])
        for split in [0, 28, 29, -5] as [Int64] {
            #expect(words { try site.export([manifest], split: split, name: "y") }.contains("--split"))
        }
        let full = BundleExport(store: site.source, to: site.stick, key: nil, freeSpace: FreeSpace { _ in 20_000 })
        #expect(words { try full.run([manifest], name: "y") }.contains("are needed"))
    }

    @Test func aBundleDoesNotReplaceWhatIsHere() throws {
        let (site, other) = (try BundleSite(), try BundleSite())
        let manifest = try site.add("a/b", ["x": Bytes.random(1000, seed: 1)])
        _ = try site.take(try site.export([manifest]))
        let forged = try other.add("a/b", ["x": Bytes.random(900, seed: 2)])
        #expect(forged.id == manifest.id)
        let path = try other.export([forged, try other.add("c/d", ["y": [1]])])
        #expect(words { try site.take(path) }.contains("what is here stays"))
        #expect(try site.target.manifests() == [manifest])
        try site.expectWhole([manifest])
        _ = try site.target.remove(manifest)
        #expect(try site.take(path).entered.contains(forged))
    }

    @Test func onlyWhatWasCutOffIsWrittenOver() throws {
        let site = try BundleSite()
        let manifest = try site.add("a/b", ["x": Bytes.random(20_000, seed: 1)])
        let path = try site.export([manifest], split: 5000)
        let index = try BundleInspection(path).index
        #expect(try FileManager.default.contentsOfDirectory(atPath: site.stick).count == index.parts.count + 1)
        // An index that is kept elsewhere.
        let away = site.folder.file("x.hadal-bundle")
        try FileManager.default.moveItem(atPath: path, toPath: away)
        let before = Bytes.of(site.part(1))
        #expect(words { try site.export([manifest], split: 9000) }.contains("x.001 is there already"))
        #expect(Bytes.of(site.part(1)) == before)
        #expect(!FileManager.default.fileExists(atPath: site.stick + "/x.unfinished"))
        // As an export leaves them that was killed; the next one has fewer parts.
        try Bytes.write(Array(index.id.utf8), site.stick + "/x.unfinished")
        try Bytes.write(Array(before.prefix(11)), site.part(1))
        #expect(try site.export([manifest], split: 9000) == path)
        #expect(
            Set(try FileManager.default.contentsOfDirectory(atPath: site.stick)) == [
                "x.001", "x.002", "x.003", "x.hadal-bundle",
            ])
        _ = try site.take(path)
        try site.expectWhole([manifest])
        try Bytes.write([1, 2, 3], site.stick + "/y.unfinished")
        #expect(words { try site.export([manifest], name: "y") }.contains("y.unfinished is there already"))
    }

    @Test func whatNoImportTakesIsNotExported() throws {
        let site = try BundleSite()
        let manifest = try site.add("a/b", ["x": Bytes.random(100, seed: 1)])
        for number in 0..<BundleIndex.tagsMax {
            try site.source.tag(manifest, try ModelTag("t\(number)"), moves: false)
        }
        _ = try site.take(try site.export([manifest]))
        try site.source.tag(manifest, try ModelTag("more"), moves: false)
        #expect(words { try site.export([manifest], name: "y") }.contains("65 tags of a/b@c0ffee"))
        let many = try (0...BundleIndex.modelsMax).map { try site.add("a/m\($0)", ["x": [1]]) }
        #expect(words { try site.export(many, name: "y") }.contains("257 models"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: site.stick).allSatisfy { $0.hasPrefix("x.") })
    }

    @Test func aModelThatIsDamagedWhileOthersComeIsLeftAlone() throws {
        let site = try BundleSite()
        let files = ["x": Bytes.random(3000, seed: 1), "y": Bytes.random(3000, seed: 2)]
        let (first, same) = (try site.add("a/first", ["z": Bytes.random(3000, seed: 3)]), try site.add("b/same", files))
        _ = try site.take(try site.export([try site.add("c/known", files)], name: "known"))
        let path = try site.export([first, same], split: 3028)
        let trusted = try TrustedKeys(of: site.target)
        let result = try BundleImport(store: site.target, trusted: trusted, takesUnsigned: true).run(path) { _, _, _ in
            // By now the second has entered: its files were here.
            let blob = site.target.blob(same.files[1].digest)
            chmod(blob, 0o644)
            try Bytes.write([1], blob)
        }
        #expect(Set(result.entered) == [first, same] && result.missingParts.isEmpty)
        #expect(try site.target.isDamaged(same))
        #expect(try site.take(path).entered == [same])
        try site.expectWhole([first, same])
    }

    @Test func roomIsLookedAtBeforeAnythingIsTaken() throws {
        let site = try BundleSite()
        let manifest = try site.add("a/b", ["x": Bytes.random(20_000, seed: 1)])
        let path = try site.export([manifest])
        #expect(words { try site.take(path, freeSpace: FreeSpace { _ in 25_999 }) }.contains("make room"))
        #expect(try site.target.claims().isEmpty)
        _ = try site.take(path, freeSpace: FreeSpace { _ in 26_000 })
        try site.expectWhole([manifest])
    }
}
