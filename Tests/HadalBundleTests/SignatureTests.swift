import Foundation
import HadalStore
import TestSupport
import Testing

@testable import HadalBundle

@Suite(.timeLimit(.minutes(15)))
struct SignatureTests {
    private let site: BundleSite
    private let manifest: Manifest
    private let key: PrivateKey
    private let keyFile: String

    init() throws {
        site = try BundleSite()
        manifest = try site.add("a/b", ["x": Bytes.random(1000, seed: 1)])
        keyFile = site.folder.file("key")
        key = try PrivateKey.make(at: keyFile)
    }

    @Test func trustedSignersAreTaken() throws {
        let path = try site.export([manifest], key: try PrivateKey(file: keyFile))
        let error = words { try site.take(path) }
        #expect(error.contains(key.publicKey.fingerprint) && error.contains("--trust '\(key.publicKey.text)'"))
        #expect(!FileManager.default.fileExists(atPath: site.target.directory))
        for trust in [key.publicKey.text, key.publicKey.text + " of the exporter", keyFile + ".pub"] {
            #expect(try site.take(path, trust: [trust], unsigned: false).signer == key.publicKey)
            try site.expectWhole([manifest])
            try site.clear()
        }
        // As a line in the store's file.
        try FileManager.default.createDirectory(atPath: site.target.directory, withIntermediateDirectories: true)
        let lines = "# ours\n\n\(key.publicKey.text) exports\n"
        try Bytes.write(Array(lines.utf8), site.target.directory + "/trusted-keys")
        #expect(try site.take(path, unsigned: false).entered == [manifest])
    }

    @Test func othersAreRefused() throws {
        let path = try site.export([manifest], key: key)
        let other = try PrivateKey.make(at: site.folder.file("other"))
        #expect(words { try site.take(path, trust: [other.publicKey.text]) }.contains("does not trust"))
        // Also where unsigned ones would do, and where the signature was cut away.
        let unsigned = try site.export([manifest], name: "y")
        #expect(words { try site.take(unsigned, unsigned: false) }.contains("not signed"))
        #expect(try BundleInspection(unsigned).signer == nil)
        #expect(try BundleInspection(path).signer == key.publicKey)
    }

    @Test func noByteOfASignedIndexCanChange() throws {
        let path = try site.export([manifest], key: key)
        let bytes = Bytes.of(path)
        var random = SplitMix(state: 1)
        for place in bytes.indices {
            var other = bytes
            other[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            try Bytes.write(other, path)
            #expect(throws: BundleError.self, "byte \(place)") { try site.take(path, trust: [key.publicKey.text]) }
        }
        for count in [0, 1, bytes.count / 2, bytes.count - 1] {
            try Bytes.write(Array(bytes.prefix(count)), path)
            #expect(throws: BundleError.self) { try site.take(path, trust: [key.publicKey.text]) }
        }
        try Bytes.write(bytes, path)
        _ = try site.take(path, trust: [key.publicKey.text], unsigned: false)
        try site.expectWhole([manifest])
    }

    @Test func keysAreKeptFromOthers() throws {
        var status = stat()
        #expect(stat(keyFile, &status) == 0 && status.st_mode & 0o777 == 0o600)
        #expect(words { try PrivateKey.make(at: keyFile) }.contains("is there already"))
        chmod(keyFile, 0o644)
        #expect(words { try PrivateKey(file: keyFile) }.contains("chmod 600"))
        #expect(words { try TrustedKeys(of: site.target, and: [keyFile]) }.contains("give \(keyFile).pub"))
        #expect(words { try TrustedKeys(of: site.target, and: ["nothing"]) }.contains("neither a key nor a file"))
        #expect(words { try PrivateKey(file: keyFile + ".pub") }.contains("not a private key"))
    }

    @Test func fingerprintsArePrintable() {
        #expect(key.publicKey.fingerprint.wholeMatch(of: /([0-9a-f]{4} ){7}[0-9a-f]{4}/) != nil)
        #expect(PublicKey(key.publicKey.text) == key.publicKey)
        for text in ["", "hadal-ed25519", "hadal-ed25519 AAAA", "hadal-ed25519 ====", "ssh-ed25519 AAAA"] {
            #expect(PublicKey(text) == nil)
        }
    }
}
