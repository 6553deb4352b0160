import Foundation
import HadalPKCS11
import Synchronization

/// A loaded module. There is one for each path in a process, as `C_Initialize` counts for the whole process.
final class PKCS11Module: Sendable {
    private static let loaded = Mutex<[String: PKCS11Module]>([:])

    /// The module promises to be safe for several threads (CKF_OS_LOCKING_OK), and the list never changes.
    nonisolated(unsafe) let functions: CK_FUNCTION_LIST

    private init(_ functions: CK_FUNCTION_LIST) { self.functions = functions }

    static func load(_ path: String) throws(SecretsError) -> PKCS11Module {
        try loaded.withLock { loaded throws(SecretsError) in
            if let module = loaded[path] { return module }
            var functions: UnsafeMutablePointer<CK_FUNCTION_LIST>?
            var problem = [CChar](repeating: 0, count: 512)
            guard hadal_pkcs11_load(path, &functions, &problem, CUnsignedLong(problem.count)) == 0, let functions else {
                let text = String(decoding: problem.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
                throw .serviceUnreachable(service: "pkcs11", problem: "the module cannot be loaded: \(text)")
            }
            let module = PKCS11Module(functions.pointee)
            do throws(PKCS11Failure) {
                try module.initialize()
            } catch {
                throw .serviceUnreachable(service: "pkcs11", problem: "\(path): \(error.text)")
            }
            loaded[path] = module
            return module
        }
    }

    private func initialize() throws(PKCS11Failure) {
        var arguments = CK_C_INITIALIZE_ARGS()
        arguments.flags = CKF_OS_LOCKING_OK
        do throws(PKCS11Failure) {
            try PKCS11Module.call("C_Initialize", functions.C_Initialize) { $0(&arguments) }
        } catch  where error.code == 0x191 {
            // Another library of this process was first.
        }
    }

    /// The slot whose token has this label, and the labels of all tokens for an error's text.
    func slot(ofToken label: String) throws(PKCS11Failure) -> (slot: CK_SLOT_ID?, labels: [String]) {
        var count: CK_ULONG = 0
        try Self.call("C_GetSlotList", functions.C_GetSlotList) { $0(1, nil, &count) }
        var slots = [CK_SLOT_ID](repeating: 0, count: Int(min(count, 1024)))
        count = CK_ULONG(slots.count)
        if !slots.isEmpty { try Self.call("C_GetSlotList", functions.C_GetSlotList) { $0(1, &slots, &count) } }
        var labels: [String] = []
        for slot in slots.prefix(Int(count)) {
            var info = CK_TOKEN_INFO()
            // A token that is taken out meanwhile is none of ours.
            guard (try? Self.call("C_GetTokenInfo", functions.C_GetTokenInfo, { $0(slot, &info) })) != nil else {
                continue
            }
            let found = withUnsafeBytes(of: info.label) { String(decoding: $0, as: UTF8.self) }
                .trimmingCharacters(in: .whitespaces)
            if found == label { return (slot, labels) }
            // A slot for a token that is still to be made has none.
            if !found.isEmpty { labels.append(found) }
        }
        return (nil, labels)
    }

    /// Calls a function of the list; what is not CKR_OK is thrown.
    static func call<Function>(
        _ name: String, _ function: Function?, _ body: (Function) -> CK_RV
    ) throws(PKCS11Failure) {
        guard let function else { throw PKCS11Failure(function: name, code: 0x54) }
        let code = body(function)
        guard code == 0 else { throw PKCS11Failure(function: name, code: code) }
    }
}
