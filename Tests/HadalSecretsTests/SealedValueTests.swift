import Foundation
import TestSupport
import Testing

@testable import HadalSecrets

@Suite struct SealedValueTests {
    private let directory: TemporaryDirectory
    private let keys: DataKeys

    init() async throws {
        directory = try TemporaryDirectory()
        keys = try await Fixtures.keys(in: directory).0
    }

    private func seal(_ value: [UInt8]) throws -> [UInt8] {
        try SealedValue.seal(value, keys: keys, purpose: .conversations, context: "messages/text/17")
    }

    @Test(arguments: [0, 1, 16, 1000])
    func aValueComesBack(count: Int) throws {
        let value = Fixtures.bytes(count)
        let sealed = try seal(value)
        #expect(sealed.count == count + SealedValue.overhead)
        #expect(try SealedValue.open(sealed, keys: keys, context: "messages/text/17") == value)
        #expect(try seal(value) != sealed)
    }

    @Test func itOpensOnlyWhereItBelongs() throws {
        let sealed = try seal([1, 2, 3])
        guard
            case .damaged = Fixtures.failure({
                _ = try SealedValue.open(sealed, keys: keys, context: "messages/text/18")
            })
        else {
            Issue.record("another row's value was taken")
            return
        }
    }

    @Test func everyFlippedBitAndEveryCutIsFound() throws {
        let sealed = try seal([1, 2, 3])
        for bit in 0..<sealed.count * 8 {
            var bytes = sealed
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: SecretsError.self) {
                try SealedValue.open(bytes, keys: keys, context: "messages/text/17")
            }
        }
        for count in 0..<sealed.count {
            #expect(throws: SecretsError.self) {
                try SealedValue.open(Array(sealed[..<count]), keys: keys, context: "messages/text/17")
            }
        }
    }
}
