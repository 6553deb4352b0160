import Crypto
import Foundation
import HadalPKCS11

/// A session with a token, logged in. A session does one thing at a time, so its user must see to that.
final class PKCS11Session {
    enum KeyKind { case aes, rsa }

    /// A master key in the token.
    struct MasterKey {
        var version: Int
        var kind: KeyKind
        /// Decrypts; an AES key also encrypts.
        var key: CK_OBJECT_HANDLE
        var publicKey: CK_OBJECT_HANDLE?
    }

    private let functions: CK_FUNCTION_LIST
    private let session: CK_SESSION_HANDLE

    /// Keys of one label that are looked at; more is a label that means something else.
    private static let keyLimit = 1024
    /// Longer than any wrapped key (RSA of 16,384 bits).
    private static let outputLimit = 2048

    init(_ module: PKCS11Module, slot: CK_SLOT_ID, pin: Secret?, writes: Bool) throws(PKCS11Failure) {
        let functions = module.functions
        var session: CK_SESSION_HANDLE = 0
        let flags = CKF_SERIAL_SESSION | (writes ? CKF_RW_SESSION : 0)
        try PKCS11Module.call("C_OpenSession", functions.C_OpenSession) { $0(slot, flags, nil, nil, &session) }
        self.functions = functions
        self.session = session
        guard let pin else { return }
        do throws(PKCS11Failure) {
            let bytes = pin.bytes()
            try PKCS11Module.call("C_Login", functions.C_Login) { $0(session, CKU_USER, bytes, CK_ULONG(bytes.count)) }
        } catch  where error.code == 0x100 {
            // Logging in counts for all sessions of a process.
        }
    }

    deinit { _ = functions.C_CloseSession.map { $0(session) } }

    // MARK: - Master keys

    /// All master keys of this label, oldest first. The version is CKA_ID, read as a number.
    func masterKeys(label: String) throws(PKCS11Failure) -> [MasterKey] {
        var keys: [MasterKey] = []
        for handle in try find(CKO_SECRET_KEY, CKK_AES, label: label) {
            guard let version = try version(of: handle) else { continue }
            keys.append(MasterKey(version: version, kind: .aes, key: handle))
        }
        let publicKeys = try find(CKO_PUBLIC_KEY, CKK_RSA, label: label)
        for handle in try find(CKO_PRIVATE_KEY, CKK_RSA, label: label) {
            guard let version = try version(of: handle) else { continue }
            var key = MasterKey(version: version, kind: .rsa, key: handle)
            for candidate in publicKeys where try self.version(of: candidate) == version { key.publicKey = candidate }
            keys.append(key)
        }
        return keys.sorted { $0.version < $1.version }
    }

    /// A new master key that never leaves the token.
    func makeKey(_ kind: KeyKind, label: String, version: Int) throws(PKCS11Failure) {
        var common = PKCS11Attributes()
        common.add(CKA_TOKEN, true)
        common.add(CKA_LABEL, Array(label.utf8))
        common.add(CKA_ID, Self.identifier(version))
        var secret = common
        secret.add(CKA_PRIVATE, true)
        secret.add(CKA_SENSITIVE, true)
        secret.add(CKA_EXTRACTABLE, false)
        secret.add(CKA_DECRYPT, true)
        var handle: CK_OBJECT_HANDLE = 0
        var publicHandle: CK_OBJECT_HANDLE = 0
        switch kind {
        case .aes:
            var mechanism = CK_MECHANISM(mechanism: CKM_AES_KEY_GEN, pParameter: nil, ulParameterLen: 0)
            secret.add(CKA_ENCRYPT, true)
            secret.add(CKA_VALUE_LEN, 32)
            try PKCS11Module.call("C_GenerateKey", functions.C_GenerateKey) { generate in
                secret.withList { generate(session, &mechanism, $0, $1, &handle) }
            }
        case .rsa:
            var mechanism = CK_MECHANISM(mechanism: CKM_RSA_PKCS_KEY_PAIR_GEN, pParameter: nil, ulParameterLen: 0)
            common.add(CKA_ENCRYPT, true)
            common.add(CKA_MODULUS_BITS, 3072)
            common.add(CKA_PUBLIC_EXPONENT, [1, 0, 1])
            try PKCS11Module.call("C_GenerateKeyPair", functions.C_GenerateKeyPair) { generate in
                common.withList { publicList, publicCount in
                    secret.withList {
                        generate(session, &mechanism, publicList, publicCount, $0, $1, &publicHandle, &handle)
                    }
                }
            }
        }
    }

    private static func identifier(_ version: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: version).bigEndian) { Array($0) }
    }

    /// Nil where the key has no CKA_ID, or one that is no number of up to four bytes.
    private func version(of object: CK_OBJECT_HANDLE) throws(PKCS11Failure) -> Int? {
        let value = try attribute(CKA_ID, of: object)
        guard (1...4).contains(value.count) else { return nil }
        let version = value.reduce(0) { $0 << 8 | Int($1) }
        return version > 0 ? version : nil
    }

    /// Of up to 64 bytes.
    func attribute(_ type: CK_ATTRIBUTE_TYPE, of object: CK_OBJECT_HANDLE) throws(PKCS11Failure) -> [UInt8] {
        var value = [UInt8](repeating: 0, count: 64)
        var length: CK_ULONG = 0
        try PKCS11Module.call("C_GetAttributeValue", functions.C_GetAttributeValue) { get in
            value.withUnsafeMutableBytes { bytes in
                var attribute = CK_ATTRIBUTE(
                    type: type, pValue: bytes.baseAddress, ulValueLen: CK_ULONG(bytes.count))
                defer { length = attribute.ulValueLen }
                return get(session, object, &attribute, 1)
            }
        }
        // What is not to be had has the length -1.
        return length <= value.count ? Array(value.prefix(Int(length))) : []
    }

    private func find(
        _ kind: CK_ULONG, _ type: CK_ULONG, label: String
    ) throws(PKCS11Failure) -> [CK_OBJECT_HANDLE] {
        var attributes = PKCS11Attributes()
        attributes.add(CKA_CLASS, kind)
        attributes.add(CKA_KEY_TYPE, type)
        attributes.add(CKA_LABEL, Array(label.utf8))
        try PKCS11Module.call("C_FindObjectsInit", functions.C_FindObjectsInit) { find in
            attributes.withList { find(session, $0, $1) }
        }
        defer { _ = functions.C_FindObjectsFinal.map { $0(session) } }
        var handles = [CK_OBJECT_HANDLE](repeating: 0, count: Self.keyLimit)
        var found: [CK_OBJECT_HANDLE] = []
        // A module may give fewer at a time than there are.
        while found.count < Self.keyLimit {
            var count: CK_ULONG = 0
            try PKCS11Module.call("C_FindObjects", functions.C_FindObjects) {
                $0(session, &handles, CK_ULONG(handles.count), &count)
            }
            if count == 0 { break }
            found += handles.prefix(Int(count))
        }
        return found
    }

    // MARK: - Encryption

    func encrypt(
        _ data: [UInt8], key: CK_OBJECT_HANDLE, mechanism: PKCS11Mechanism
    ) throws(PKCS11Failure) -> [UInt8] {
        try mechanism.use { pointer throws(PKCS11Failure) in
            try PKCS11Module.call("C_EncryptInit", functions.C_EncryptInit) { $0(session, pointer, key) }
        }
        var output = [UInt8](repeating: 0, count: Self.outputLimit)
        var length = CK_ULONG(output.count)
        try PKCS11Module.call("C_Encrypt", functions.C_Encrypt) {
            $0(session, data, CK_ULONG(data.count), &output, &length)
        }
        return Array(output.prefix(Int(length)))
    }

    func decrypt(
        _ data: [UInt8], key: CK_OBJECT_HANDLE, mechanism: PKCS11Mechanism
    ) throws(PKCS11Failure) -> Secret {
        try mechanism.use { pointer throws(PKCS11Failure) in
            try PKCS11Module.call("C_DecryptInit", functions.C_DecryptInit) { $0(session, pointer, key) }
        }
        var output = [UInt8](repeating: 0, count: Self.outputLimit)
        defer { _ = output.withUnsafeMutableBytes { $0.initializeMemory(as: UInt8.self, repeating: 0) } }
        var length = CK_ULONG(output.count)
        try PKCS11Module.call("C_Decrypt", functions.C_Decrypt) {
            $0(session, data, CK_ULONG(data.count), &output, &length)
        }
        return Secret(output.prefix(Int(length)))
    }
}
