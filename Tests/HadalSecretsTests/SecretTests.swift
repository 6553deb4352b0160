import Crypto
import Foundation
import TestSupport
import Testing

@testable import HadalSecrets

@Suite struct SecretTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func file(_ text: String, mode: Int = 0o600) throws -> String {
        let path = directory.file("secret")
        try? FileManager.default.removeItem(atPath: path)
        try Fixtures.write(Array(text.utf8), path)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }

    @Test func aSecretIsReadFromAFileWithoutItsLineBreak() throws {
        for text in ["hunter2", "hunter2\n", "hunter2\r\n"] {
            #expect(try SecretPlace.file(try file(text)).read() == Secret("hunter2"))
        }
        #expect(try SecretPlace.file(try file(" a b \n\n")).read() == Secret(" a b \n"))
    }

    @Test func aSecretIsReadFromTheEnvironmentAndFromSystemd() throws {
        let path = try file("hunter2", mode: 0o444)
        let environment = ["PIN": "1234", "EMPTY": "", "CREDENTIALS_DIRECTORY": directory.path]
        #expect(try SecretPlace.environment("PIN").read(environment: environment) == Secret("1234"))
        #expect(try SecretPlace.credential("secret").read(environment: environment) == Secret("hunter2"))
        // The same file by its path, as a unit's %d gives it.
        #expect(try SecretPlace.file(path).read(environment: environment) == Secret("hunter2"))
        #expect(throws: SecretsError.self) { try SecretPlace.environment("EMPTY").read(environment: environment) }
        #expect(throws: SecretsError.self) { try SecretPlace.credential("none").read(environment: environment) }
        #expect(throws: SecretsError.self) { try SecretPlace.credential("secret").read(environment: [:]) }
        #expect(SecretPlace.environment("PIN").isPresent(environment: environment))
        #expect(!SecretPlace.environment("EMPTY").isPresent(environment: environment))
        #expect(SecretPlace.credential("secret").isPresent(environment: environment))
        #expect(!SecretPlace.credential("secret").isPresent(environment: [:]))
    }

    @Test func aFileThatEverybodyMayReadIsRefused() throws {
        let path = try file("hunter2", mode: 0o644)
        guard case .badSecret(path, let problem) = Fixtures.failure({ _ = try SecretPlace.file(path).read() }) else {
            Issue.record("it was read")
            return
        }
        #expect(problem.contains("chmod"))
        #expect(throws: Never.self) { try SecretPlace.file(try file("hunter2", mode: 0o640)).read() }
    }

    @Test func whatCannotBeASecretIsRefused() throws {
        #expect(throws: SecretsError.self) { try SecretPlace.file(try file("")).read() }
        #expect(throws: SecretsError.self) { try SecretPlace.file(try file("\n")).read() }
        #expect(throws: SecretsError.self) { try SecretPlace.file(directory.path).read() }
        #expect(throws: SecretsError.self) { try SecretPlace.file(directory.file("none")).read() }
        #expect(throws: SecretsError.self) {
            try SecretPlace.file(try file(String(repeating: "x", count: 70_000))).read()
        }
    }

    /// Everything that holds a secret, printed in every way there is.
    @Test func nothingThatIsPrintedShowsASecret() async throws {
        let passphrase = Secret("correct horse battery staple")
        let (keys, service) = try await Fixtures.keys(in: directory)
        let key = try keys.key(for: .models)
        let derived = try PassphraseKey(passphrase, salt: Array(repeating: 1, count: 16), cost: Fixtures.cheap)
        let log = try EncryptedLog(directory.file("log"), keys: keys, purpose: .audit, context: "c")
        let writer = try EncryptedFileWriter(directory.file("f"), keys: keys, purpose: .models, context: "c")
        try writer.write([1, 2, 3])
        try writer.finish()
        let reader = try EncryptedFileReader(directory.file("f"), keys: keys)

        let values: [Any] = [passphrase, service, keys, key, key.key, derived, log, writer, reader]
        var printed = ""
        for value in values {
            printed += "\(value) \(String(reflecting: value)) "
            dump(value, to: &printed)
        }
        for hidden in [Secret("correct horse battery staple").bytes(), key.key.bytes(), derived.encryption.bytes()] {
            expectAbsent(hidden, in: printed)
        }
    }

    @Test func noErrorShowsASecret() async throws {
        let path = try file("hunter2hunter2", mode: 0o644)
        let wrong = Secret("hunter2hunter2")
        let (_, service) = try await Fixtures.keys(in: directory)
        let wrapped = try service.wrap(SymmetricKey(size: .bits256), context: "a")
        let errors = [
            Fixtures.failure { _ = try SecretPlace.file(path).read() },
            Fixtures.failure {
                _ = try PassphraseKeyService.open(path: directory.file("master.key"), passphrase: wrong)
            },
            Fixtures.failure { try service.changePassphrase(to: Secret("hunter2")) },
            Fixtures.failure { _ = try service.unwrap(wrapped, context: "b") },
        ]
        for error in errors {
            var printed = "\(try #require(error))"
            dump(error, to: &printed)
            expectAbsent(Array("hunter2".utf8), in: printed)
        }
    }

    /// As text, as an array's numbers, in hexadecimal, in Base64.
    private func expectAbsent(_ bytes: [UInt8], in text: String) {
        let numbers = bytes.prefix(6).map(String.init)
        let forms = [
            String(decoding: bytes, as: UTF8.self), numbers.joined(separator: ", "),
            bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(),
            Data(bytes).base64EncodedString(),
        ]
        for form in forms { #expect(!text.contains(form)) }
        // dump writes an array's elements on lines of their own.
        let lines = text.split(separator: "\n").map { $0.drop { " -▿".contains($0) } }
        for start in lines.indices.dropLast(numbers.count) {
            #expect(lines[start..<start + numbers.count].map(String.init) != numbers)
        }
    }
}
