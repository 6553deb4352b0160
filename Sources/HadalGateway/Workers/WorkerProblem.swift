import AsyncHTTPClient
import HadalWire
import NIOCore
import NIOSSL

/// Why a worker on another machine cannot be used, for the log.
enum WorkerProblem {
    static func text(_ error: any Error) -> String {
        let text = "\(error)"
        func says(_ names: String...) -> Bool { names.contains { text.contains($0) } }
        switch error {
        case let failure as WorkerFailure: return failure.message
        case let error as HTTPClientError where error == .connectTimeout || error == .deadlineExceeded:
            return "it does not answer"
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            return "its certificate is not for the name in the URL; issue it with that --name"
        default: break
        }
        if says("CERTIFICATE_VERIFY_FAILED") {
            return "its certificate has ended, is not for servers, or is not of an authority that is trusted here"
        }
        if says("WRONG_VERSION_NUMBER", "HTTP_REQUEST") { return "it does not speak TLS" }
        if says("ALERT_CERTIFICATE", "ALERT_BAD_CERTIFICATE", "ALERT_UNKNOWN_CA") {
            return "it does not accept the gateway's certificate; its log says why"
        }
        return text
    }
}
