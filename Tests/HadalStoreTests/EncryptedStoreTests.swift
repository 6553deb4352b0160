import Foundation
import HadalSecrets
import TestSupport
import Testing

@testable import HadalStore

/// Files of the store that lie encrypted.
struct EncryptedStoreTests {
    private static let text = String(repeating: "weights that nobody else may read ", count: 9000)
    private let site: StoreSite
    private let keys: DataKeys
    private let encrypting: ModelStore

    init() async throws {
        site = try StoreSite()
        keys = try await Self.keys(in: site.folder.path)
        encrypting = site.store.opened(with: keys, encrypts: true)
    }

    private static func keys(in directory: String) async throws -> DataKeys {
        let service = try PassphraseKeyService.create(
            path: directory + "/master.key", passphrase: Secret("a passphrase for tests"),
            cost: ScryptCost(n: 16, r: 1, p: 1))
        return try await DataKeys.create(in: directory, service: service)
    }

    private func add(to store: ModelStore, _ name: String = "a/model") throws -> Manifest {
        try StoreSite(site, over: store).add(name, ["config.json": "{}", "weights": Self.text, "empty": ""])
    }

    private func plain(_ manifest: Manifest, _ store: ModelStore) throws -> [String] {
        try manifest.files.map { file in
            let blob = try store.open(file)
            return String(decoding: try blob.read(at: 0, count: Int(blob.size)), as: UTF8.self)
        }
    }

    private func damages(_ manifest: Manifest, _ store: ModelStore) throws -> [ModelStore.Damage] {
        var known: [BlobDigest: String?] = [:]
        return try store.verify(manifest, known: &known)
    }

    private func blob(_ manifest: Manifest, _ path: String) -> String {
        site.store.blob(manifest.files.first { $0.path.text == path }!.digest)
    }

    /// Whether each lies encrypted, and nothing of it in plain.
    private func isHidden(_ manifest: Manifest) throws -> Bool {
        try manifest.files.allSatisfy { file in
            let bytes = try Data(contentsOf: URL(fileURLWithPath: site.store.blob(file.digest)))
            return bytes.starts(with: Data("HADALENC".utf8)) && bytes.range(of: Data("nobody".utf8)) == nil
        }
    }

    @Test func whatComesInIsEncrypted() throws {
        let model = try add(to: encrypting)
        #expect(try isHidden(model))
        #expect(try plain(model, encrypting) == ["{}", "", Self.text])
        #expect(try damages(model, encrypting).isEmpty)
        #expect(site.names("partial") == [])
        // Who has no keys still sees what is there.
        #expect(try site.store.isEncrypted(model) && site.store.needsKeys(model) && !site.store.isDamaged(model))
        #expect(throws: StoreError.self) { try damages(model, site.store) }
        #expect(throws: StoreError.self) { try plain(model, site.store) }
        #expect(try site.store.remove(model).freed > Int64(Self.text.utf8.count))
        #expect(site.names("blobs") == [])
    }

    @Test func aModelIsEncryptedAndDecrypted() throws {
        let model = try add(to: site.store)
        let other = try StoreSite(site, over: site.store).add("b/other", ["copy": Self.text], commit: "beef")
        let reader = try FileHandle(forReadingFrom: URL(fileURLWithPath: blob(model, "weights")))
        #expect(try encrypting.encrypt(model) == model.byteCount)
        #expect(try isHidden(model) && isHidden(other))
        #expect(try plain(model, encrypting) == ["{}", "", Self.text])
        #expect(try damages(model, encrypting) == [] && damages(other, encrypting) == [])
        #expect(try encrypting.encrypt(model) == 0)
        // Who had it open keeps it.
        #expect(try reader.readToEnd() == Data(Self.text.utf8))
        #expect(site.names("partial") == [])

        let decrypting = site.store.opened(with: keys, encrypts: false)
        #expect(try decrypting.decrypt(model) == model.byteCount)
        #expect(try site.text(model, "weights") == Self.text)
        #expect(try damages(model, site.store) == [] && damages(other, site.store) == [])
        #expect(try decrypting.decrypt(model) == 0)
        #expect(site.names("partial") == [])
    }

    enum Harm: CaseIterable {
        case firstBit, middleBit, lastBit, cutOff, longer, another, plain, header, keyID, empty, missing
    }

    /// Also by a store that would not encrypt what comes in.
    @Test(arguments: Harm.allCases, [true, false]) func harmIsFoundAndMended(harm: Harm, encrypts: Bool) throws {
        let encrypting = site.store.opened(with: keys, encrypts: encrypts)
        let model = try add(to: encrypting)
        if !encrypts { _ = try encrypting.encrypt(model) }
        let path = blob(model, "weights")
        chmod(path, 0o644)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        switch harm {
        case .firstBit: bytes[0] ^= 1
        case .middleBit: bytes[bytes.count / 2] ^= 4
        case .lastBit: bytes[bytes.count - 1] ^= 128
        case .cutOff: bytes.removeLast(70_000)
        case .longer: bytes += Data("more".utf8)
        case .another: bytes = try Data(contentsOf: URL(fileURLWithPath: blob(model, "config.json")))
        case .plain: bytes = Data(Self.text.uppercased().utf8)
        case .header: bytes[12] ^= 0xFF
        case .keyID: bytes[20] ^= 1
        case .empty: bytes = Data()
        case .missing: unlink(path)
        }
        if harm != .missing { try bytes.write(to: URL(fileURLWithPath: path)) }
        #expect(try damages(model, encrypting).map(\.path.text) == ["weights"])
        #expect(try encrypting.isDamaged(model))
        #expect(throws: StoreError.damagedFile(model: model.fullName, file: "weights")) {
            try encrypting.decrypt(model)
        }

        let file = site.store.partial("whole")
        try Data(Self.text.utf8).write(to: URL(fileURLWithPath: file))
        try encrypting.mend(file, as: model.files.first { $0.path.text == "weights" }!.digest)
        #expect(try EncryptedFile.isEncrypted(path))
        #expect(try damages(model, encrypting) == [])
        #expect(try plain(model, encrypting).last == Self.text)
        #expect(site.names("partial") == [])
    }

    @Test func whatWasEncryptedIsMendedEncrypted() throws {
        let model = try add(to: site.store)
        let decrypting = site.store.opened(with: keys, encrypts: false)
        _ = try decrypting.encrypt(model)
        let file = site.store.partial("whole")
        try Data(Self.text.utf8).write(to: URL(fileURLWithPath: file))
        try decrypting.mend(file, as: model.files.first { $0.path.text == "weights" }!.digest)
        #expect(try isHidden(model))
        #expect(site.names("partial") == [])
        // And not at all by somebody without keys: it would lie in plain.
        try Data(Self.text.utf8).write(to: URL(fileURLWithPath: file))
        #expect(throws: StoreError.self) {
            try site.store.mend(file, as: model.files.first { $0.path.text == "weights" }!.digest)
        }
        #expect(try isHidden(model))
    }

    @Test func aDamagedFileIsNotEncrypted() throws {
        let model = try add(to: site.store)
        let path = blob(model, "weights")
        chmod(path, 0o644)
        let wrong = Data(Self.text.uppercased().utf8)
        try wrong.write(to: URL(fileURLWithPath: path))
        #expect(throws: StoreError.damagedFile(model: model.fullName, file: "weights")) {
            try encrypting.encrypt(model)
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == wrong)
        #expect(try site.store.isDamaged(model))
        // The others are.
        #expect(try EncryptedFile.isEncrypted(blob(model, "config.json")))
        #expect(site.names("partial") == [])
    }

    /// A manifest that cannot be read is brought again: its files are to lie as they did.
    @Test func aModelThatComesAgainIsEncryptedAgain() throws {
        let model = try add(to: site.store)
        let decrypting = site.store.opened(with: keys, encrypts: false)
        _ = try decrypting.encrypt(model)
        let path = site.store.directory + "/manifests/\(model.id).json"
        try Data("no JSON".utf8).write(to: URL(fileURLWithPath: path))
        unlink(blob(model, "weights"))
        #expect(try decrypting.needsKeys())
        #expect(try add(to: decrypting) == model)
        #expect(try isHidden(model) && damages(model, decrypting) == [])
    }

    @Test func keysThatAreNotAllMarkNothing() async throws {
        let model = try add(to: encrypting)
        // Another process made new ones.
        let service = try PassphraseKeyService.open(
            path: site.folder.path + "/master.key", passphrase: Secret("a passphrase for tests"))
        try await DataKeys.renew(in: site.folder.path, service: service)
        let new = site.store.opened(
            with: try await DataKeys.open(in: site.folder.path, service: service), encrypts: true)
        let other = try StoreSite(site, over: new).add("b/other", ["copy": "new"], commit: "beef")
        #expect(throws: StoreError.self) { try damages(other, encrypting) }
        #expect(try !encrypting.isDamaged(other))
        #expect(try damages(other, new) == [] && damages(model, new) == [])
    }

    @Test func otherKeysDoNotOpenIt() async throws {
        let model = try add(to: encrypting)
        let other = try TemporaryDirectory()
        let store = site.store.opened(with: try await Self.keys(in: other.path), encrypts: true)
        // It is not the file that is wrong.
        #expect(throws: StoreError.self) { try damages(model, store) }
        #expect(try !store.isDamaged(model))
    }

    @Test func aModelEncryptedInPartIsSaidToBe() throws {
        let model = try add(to: site.store)
        _ = try StoreSite(site, over: encrypting).add("b/other", ["copy": "{}"], commit: "beef")
        // The file that both have.
        #expect(try !site.store.isEncrypted(model) && site.store.needsKeys(model))
        #expect(throws: StoreError.encryptedElsewhere(file: "copy", model: "b/other@beef")) {
            try encrypting.decrypt(model)
        }
        let other = try site.store.require("b/other")
        #expect(try encrypting.decrypt(model, besides: [other]) == 2)
        #expect(try !site.store.needsKeys(model))
    }

    /// What other models had in plain is encrypted with a model that comes in.
    @Test func aModelThatComesInIsEncryptedAsAWhole() throws {
        let first = try add(to: site.store)
        let second = try StoreSite(site, over: encrypting).add("b/other", ["copy": Self.text], commit: "beef")
        #expect(try encrypting.isEncrypted(second) && !encrypting.isEncrypted(first))
        #expect(try plain(second, encrypting) == [Self.text])
        _ = try encrypting.remove(second)
        #expect(site.names("encrypted") == [])
    }

    /// One that `hadal secrets encrypt` made, and that was pulled so.
    @Test func aFileThatIsItselfEncryptedIsAFileLikeOthers() throws {
        let text = "HADALENC" + Self.text
        let model = try StoreSite(site, over: site.store).add("a/model", ["weights": text])
        #expect(try !site.store.needsKeys(model) && damages(model, site.store) == [])
        #expect(try encrypting.encrypt(model) == model.byteCount)
        #expect(try plain(model, encrypting) == [text] && damages(model, encrypting) == [])
        #expect(try encrypting.decrypt(model) == model.byteCount)
        #expect(try damages(model, site.store) == [])
    }

    @Test func aFileExchangedForAnotherEncryptedOneDoesNotOpen() throws {
        let model = try StoreSite(site, over: encrypting).add("a/model", ["one": "1234", "two": "5678"])
        let (one, two) = (blob(model, "one"), blob(model, "two"))
        try FileManager.default.moveItem(atPath: one, toPath: two + ".aside")
        try FileManager.default.moveItem(atPath: two, toPath: one)
        try FileManager.default.moveItem(atPath: two + ".aside", toPath: two)
        #expect(throws: StoreError.self) { try plain(model, encrypting) }
        #expect(try damages(model, encrypting).count == 2)
    }

    @Test func whatAKilledEncryptionLeftGoes() throws {
        let model = try add(to: site.store)
        let name = model.files.first { $0.path.text == "weights" }!.digest.description
        for ending in ["", ".sealed", ".sealed.new-12-34", ".plain"] {
            try Data("half".utf8).write(to: URL(fileURLWithPath: site.store.partial(name + ending)))
        }
        #expect(try encrypting.encrypt(model) == model.byteCount)
        #expect(site.names("partial") == [])
        #expect(try isHidden(model))
    }

    @Test func aFileThatAnotherProcessIsAtIsLeft() throws {
        let model = try add(to: site.store)
        let name = model.files.first { $0.path.text == "weights" }!.digest.description
        let lock = try FileLock(site.store.partial(name))
        #expect(throws: StoreError.busy(name: "weights")) { try encrypting.encrypt(model) }
        withExtendedLifetime(lock) {}
        #expect(try site.text(model, "weights") == Self.text)
    }

    @Test func roomIsAskedForBeforeAFileIsEncrypted() throws {
        let model = try add(to: site.store)
        let full = FreeSpace { _ in 100 }
        #expect(throws: StoreError.self) { try encrypting.encrypt(model, freeSpace: full) }
        #expect(try site.text(model, "weights") == Self.text)
        #expect(encrypting.roomToEncrypt([3, 7, 5]) == 7 && site.store.roomToEncrypt([3, 7]) == 0)
    }
}
