import Foundation
import TestSupport
import Testing

@testable import HadalStore

@Suite(.timeLimit(.minutes(15)))
struct PartialFileTests {
    /// Against a set of single bytes.
    @Test(arguments: 0..<50) func rangesAreWhatSingleBytesSay(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let size: Int64 = 200
        var (set, bytes) = (RangeSet(), Set<Int64>())
        for _ in 0..<Int.random(in: 1...40, using: &random) {
            let start = Int64.random(in: 0..<size, using: &random)
            let end = min(size, start + Int64.random(in: 0...20, using: &random))
            set.insert(start..<end)
            bytes.formUnion(start..<end)
            #expect(set.count == Int64(bytes.count))
            #expect(RangeSet(set.ranges, size: size) == set)
            let missing = set.missing(size: size, pieceBytes: 7)
            #expect(missing.allSatisfy { (1...7).contains($0.count) })
            #expect(missing.flatMap { Array($0) } == (0..<size).filter { !bytes.contains($0) })
        }
    }

    @Test func recordsThatAreNoneAreRefused() {
        #expect(RangeSet([0..<5, 4..<8], size: 10) == nil)
        #expect(RangeSet([0..<5, 5..<8], size: 10) == nil)
        #expect(RangeSet([0..<11], size: 10) == nil)
        #expect(RangeSet([-3..<4], size: 10) == nil)
    }

    @Test func anotherProcessCannotWriteTheSameFile() throws {
        let folder = try TemporaryDirectory()
        let first = try PartialFile(folder.file("x"), size: 10, name: "x", saveBytes: 1)
        #expect(throws: StoreError.busy(name: "x")) {
            try PartialFile(folder.file("x"), size: 10, name: "x", saveBytes: 1)
        }
        withExtendedLifetime(first) {}
    }

    @Test func aRecordOfAnotherFileCountsForNothing() throws {
        let folder = try TemporaryDirectory()
        do {
            let file = try PartialFile(folder.file("x"), size: 10, name: "x", saveBytes: 1)
            let bytes = [UInt8](repeating: 1, count: 4)
            #expect(try bytes.withUnsafeBytes { try file.write($0, at: 2) } == 4)
            #expect(try bytes.withUnsafeBytes { try file.write($0, at: 0) } == 2)
        }
        #expect(PartialFile.doneBytes(folder.file("x"), size: 10) == 6)
        #expect(try PartialFile(folder.file("x"), size: 10, name: "x", saveBytes: 1).doneBytes == 6)
        #expect(try PartialFile(folder.file("x"), size: 11, name: "x", saveBytes: 1).doneBytes == 0)
        // The bytes are gone, the record is not.
        truncate(folder.file("x"), 0)
        #expect(try PartialFile(folder.file("x"), size: 10, name: "x", saveBytes: 1).doneBytes == 0)
    }
}
