import Crypto
import Foundation
import TestSupport
import Testing

@testable import HadalSecrets

/// The keys that a gateway hands to its workers.
@Suite struct WorkerKeysTests {
    private let directory: TemporaryDirectory
    private let keys: DataKeys

    init() async throws {
        directory = try TemporaryDirectory()
        let service = try await Fixtures.keys(in: directory).1
        try await DataKeys.renew([.models], in: directory.path, service: service)
        keys = try await DataKeys.open(in: directory.path, service: service)
    }

    @Test func theyOpenModelsOldAndNewAndNothingElse() throws {
        let handed = try WorkerKeys(line: try WorkerKeys(keys, sealsPrefixes: true).line)
        for (index, key) in keys.all.filter({ $0.purpose == .models }).enumerated() {
            let path = directory.file("model\(index)")
            let writer = try EncryptedFileWriter(path, key: key, context: "m", chunkSize: 4096)
            try writer.write([1, 2, 3])
            try writer.finish()
            #expect(try EncryptedFile.read(path, keys: handed.models, limit: 10) == [1, 2, 3])
        }
        #expect(handed.models.all.count == 2)
        for purpose in DataPurpose.allCases where purpose != .models {
            let path = directory.file(purpose.rawValue)
            try EncryptedFile.write([1], to: path, keys: keys, purpose: purpose, context: "c")
            guard
                case .unknownDataKey(path, _, directory.file("keys.json")) = Fixtures.failure({
                    _ = try EncryptedFile.read(path, keys: handed.models, limit: 10)
                })
            else {
                Issue.record("a worker's keys open \(purpose)")
                return
            }
        }
    }

    @Test func prefixesHaveAKeyOfTheirOwnWhereTheyAreSealed() throws {
        let first = try #require(try WorkerKeys(keys, sealsPrefixes: true).prefixes)
        #expect(try WorkerKeys(keys, sealsPrefixes: true).prefixes == first)
        #expect(!keys.all.contains { $0.key == first })
        #expect(try WorkerKeys(line: try WorkerKeys(keys, sealsPrefixes: true).line).prefixes == first)
        let plain = try WorkerKeys(keys, sealsPrefixes: false)
        #expect(plain.prefixes == nil)
        #expect(try WorkerKeys(line: plain.line).prefixes == nil)
    }

    @Test func theyAreOneLineAndNeverShown() throws {
        let handed = try WorkerKeys(keys, sealsPrefixes: true)
        #expect(handed.line.filter(\.isNewline) == "\n" && handed.line.hasSuffix("\n"))
        var dumped = ""
        dump(handed, to: &dumped)
        for key in keys.all.map(\.key) + [try #require(handed.prefixes)] {
            let text = Data(key.bytes()).base64EncodedString()
            #expect(!dumped.contains(text) && !"\(handed)".contains(text))
        }
    }

    @Test func aWrongLineIsAnErrorThatDoesNotRepeatIt() throws {
        let line = try WorkerKeys(keys, sealsPrefixes: true).line
        let wrong = [
            "", "{", "[]", "{}", #"{"data":"d"}"#, #"{"data":"d","models":[{}]}"#,
            #"{"data":"d","models":[],"prefixes":"c2hvcnQ="}"#, line.replacing(#""id":""#, with: #""id":"x"#),
            line.replacing(#""key":""#, with: #""key":"!"#), String(line.dropLast(5)),
        ]
        for text in wrong {
            let error = Fixtures.failure { _ = try WorkerKeys(line: text) }
            guard case .badSecret(let source, let problem) = error else {
                Issue.record("\(text) is taken")
                continue
            }
            #expect(source.count + problem.count < 80)
        }
    }
}
