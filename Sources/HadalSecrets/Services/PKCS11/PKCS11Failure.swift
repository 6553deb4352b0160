import HadalPKCS11

/// What a module's function returned, other than CKR_OK.
struct PKCS11Failure: Error, Hashable {
    let function: String
    let code: CK_RV

    /// `C_Login: CKR_PIN_INCORRECT (0xA0)`
    var text: String {
        let number = "0x" + String(code, radix: 16, uppercase: true)
        return "\(function): \(Self.names[code] ?? (code >= 0x8000_0000 ? "CKR_VENDOR_DEFINED" : "CKR")) (\(number))"
    }

    /// Whether the session is gone, as after a token was reset or taken out: a new one may do.
    var endsSession: Bool {
        switch code {
        case 0x30, 0x32, 0xB0, 0xB3, 0x101, 0x190: true
        default: false
        }
    }

    /// Whether the module or key does not know a mechanism or its parameters, so that another may be tried.
    var isAboutMechanism: Bool { code == 0x70 || code == 0x71 || code == 0x07 }

    /// Whether what was to be decrypted is not what was encrypted.
    var isAboutData: Bool { code == 0x40 || code == 0x41 || code == 0x20 || code == 0x21 || code == 0x05 }

    /// What to do, where the code says it.
    var advice: String {
        switch code {
        case 0xA0: "the PIN is wrong. It is not tried again, as tokens lock after a few wrong ones"
        case 0xA4: "the PIN is locked after too many wrong ones; the token's security officer must set a new one"
        case 0xA3: "the PIN has expired; set a new one with the token's tools"
        case 0x68: "the key may not be used for this; it needs CKA_ENCRYPT and CKA_DECRYPT"
        case 0x70:
            "the token does not know this mechanism; use an AES key (CKM_AES_GCM) or an RSA key (CKM_RSA_PKCS_OAEP)"
        default: ""
        }
    }

    /// PKCS #11 v2.40, `pkcs11t.h`, those that the functions we call may return.
    private static let names: [CK_RV: String] = [
        0x02: "CKR_HOST_MEMORY", 0x03: "CKR_SLOT_ID_INVALID", 0x05: "CKR_GENERAL_ERROR", 0x06: "CKR_FUNCTION_FAILED",
        0x07: "CKR_ARGUMENTS_BAD", 0x09: "CKR_NEED_TO_CREATE_THREADS", 0x0A: "CKR_CANT_LOCK",
        0x10: "CKR_ATTRIBUTE_READ_ONLY", 0x11: "CKR_ATTRIBUTE_SENSITIVE", 0x12: "CKR_ATTRIBUTE_TYPE_INVALID",
        0x13: "CKR_ATTRIBUTE_VALUE_INVALID", 0x1B: "CKR_ACTION_PROHIBITED", 0x20: "CKR_DATA_INVALID",
        0x21: "CKR_DATA_LEN_RANGE", 0x30: "CKR_DEVICE_ERROR", 0x31: "CKR_DEVICE_MEMORY", 0x32: "CKR_DEVICE_REMOVED",
        0x40: "CKR_ENCRYPTED_DATA_INVALID", 0x41: "CKR_ENCRYPTED_DATA_LEN_RANGE", 0x50: "CKR_FUNCTION_CANCELED",
        0x54: "CKR_FUNCTION_NOT_SUPPORTED", 0x60: "CKR_KEY_HANDLE_INVALID", 0x62: "CKR_KEY_SIZE_RANGE",
        0x63: "CKR_KEY_TYPE_INCONSISTENT", 0x68: "CKR_KEY_FUNCTION_NOT_PERMITTED", 0x70: "CKR_MECHANISM_INVALID",
        0x71: "CKR_MECHANISM_PARAM_INVALID", 0x82: "CKR_OBJECT_HANDLE_INVALID", 0x90: "CKR_OPERATION_ACTIVE",
        0x91: "CKR_OPERATION_NOT_INITIALIZED", 0xA0: "CKR_PIN_INCORRECT", 0xA1: "CKR_PIN_INVALID",
        0xA2: "CKR_PIN_LEN_RANGE", 0xA3: "CKR_PIN_EXPIRED", 0xA4: "CKR_PIN_LOCKED", 0xB0: "CKR_SESSION_CLOSED",
        0xB1: "CKR_SESSION_COUNT", 0xB3: "CKR_SESSION_HANDLE_INVALID", 0xB5: "CKR_SESSION_READ_ONLY",
        0xD0: "CKR_TEMPLATE_INCOMPLETE", 0xD1: "CKR_TEMPLATE_INCONSISTENT", 0xE0: "CKR_TOKEN_NOT_PRESENT",
        0xE1: "CKR_TOKEN_NOT_RECOGNIZED", 0xE2: "CKR_TOKEN_WRITE_PROTECTED", 0x100: "CKR_USER_ALREADY_LOGGED_IN",
        0x101: "CKR_USER_NOT_LOGGED_IN", 0x102: "CKR_USER_PIN_NOT_INITIALIZED", 0x103: "CKR_USER_TYPE_INVALID",
        0x150: "CKR_BUFFER_TOO_SMALL", 0x190: "CKR_CRYPTOKI_NOT_INITIALIZED",
        0x191: "CKR_CRYPTOKI_ALREADY_INITIALIZED",
    ]
}
