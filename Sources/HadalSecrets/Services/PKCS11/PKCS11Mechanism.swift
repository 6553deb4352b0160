import HadalPKCS11

/// How a token's key wraps a data key. The parameters have to stay where they are until the operation is begun.
enum PKCS11Mechanism {
    case gcm(nonce: [UInt8], associated: [UInt8])
    case oaep(OAEPHash)

    /// SoftHSM 2.6 knows only SHA-1 here. OAEP does not rest on the hash's collision resistance.
    enum OAEPHash: UInt8 {
        case sha256 = 2
        case sha1 = 3
    }

    func use(_ body: (UnsafePointer<CK_MECHANISM>) throws(PKCS11Failure) -> Void) throws(PKCS11Failure) {
        let result: Result<Void, PKCS11Failure> =
            switch self {
            case .gcm(var nonce, var associated):
                nonce.withUnsafeMutableBufferPointer { nonce in
                    associated.withUnsafeMutableBufferPointer { associated in
                        let parameters = CK_GCM_PARAMS(
                            pIv: nonce.baseAddress, ulIvLen: CK_ULONG(nonce.count), ulIvBits: CK_ULONG(nonce.count * 8),
                            pAAD: associated.baseAddress, ulAADLen: CK_ULONG(associated.count), ulTagBits: 128)
                        return Self.run(CKM_AES_GCM, parameters, body)
                    }
                }
            case .oaep(let hash):
                Self.run(
                    CKM_RSA_PKCS_OAEP,
                    CK_RSA_PKCS_OAEP_PARAMS(
                        hashAlg: hash == .sha1 ? CKM_SHA_1 : CKM_SHA256,
                        mgf: hash == .sha1 ? CKG_MGF1_SHA1 : CKG_MGF1_SHA256, source: CKZ_DATA_SPECIFIED,
                        pSourceData: nil, ulSourceDataLen: 0), body)
            }
        try result.get()
    }

    private static func run<Parameters>(
        _ type: CK_MECHANISM_TYPE, _ parameters: Parameters,
        _ body: (UnsafePointer<CK_MECHANISM>) throws(PKCS11Failure) -> Void
    ) -> Result<Void, PKCS11Failure> {
        var parameters = parameters
        return withUnsafeMutablePointer(to: &parameters) { pointer in
            var mechanism = CK_MECHANISM(
                mechanism: type, pParameter: pointer, ulParameterLen: CK_ULONG(MemoryLayout<Parameters>.size))
            do throws(PKCS11Failure) {
                return .success(try body(&mechanism))
            } catch {
                return .failure(error)
            }
        }
    }
}
