import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL

/// Why a request failed.
struct S3Failure: Error {
    let error: ObjectError
    /// It may go better in a while.
    var isPassing = false
    /// The server asked for so long.
    var wait: Duration?
    /// The server said so, and does not change its mind.
    var isRefusal = false
}

/// Makes failures of what a server answers, and of what happens on the way.
struct S3FailureReader: Sendable {
    let place: String
    let endpoint: S3Endpoint
    let credentials: S3Credentials

    private static let passingStatuses = [408, 429, 500, 502, 503, 504]
    private static let passingCodes: Set = ["SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout"]

    /// Of an answer that is no yes.
    /// - Parameter document: its body, where that is XML.
    func failure(
        _ request: S3Request, status: Int, _ headers: HTTPHeaders, _ document: XMLNode?, now: Date = Date()
    ) -> S3Failure {
        let document = document?.name == "Error" ? document : nil
        func words(_ name: String) -> String { ObjectError.line(credentials.hidden(in: document?[name]?.text ?? "")) }
        let code = words("Code")
        let region = headers.first(name: "x-amz-bucket-region") ?? document?["Region"]?.text
        let error: ObjectError =
            switch (code, status) {
            case ("NoSuchKey", _): .notFound(place: place, name: request.name?.text ?? "")
            case ("NoSuchBucket", _): .noPlace(place)
            case ("RequestTimeTooSkewed", _):
                .wrongClock(endpoint: endpoint.shown, seconds: skew(headers, document, now))
            case ("AuthorizationHeaderMalformed", _) where region != nil, (_, 300..<400):
                .wrongRegion(place: place, region: region.map(ObjectError.line))
            case (_, 412): .changed(place: place, name: request.name?.text ?? "")
            case ("", 404) where request.name != nil: .notFound(place: place, name: request.name?.text ?? "")
            default:
                .refused(
                    place: place, operation: request.operation, status: status, code: code,
                    message: words("Message"))
            }
        let isPassing = Self.passingStatuses.contains(status) || Self.passingCodes.contains(code)
        return S3Failure(
            error: error, isPassing: isPassing, wait: HTTPTime.wait(headers.first(name: "Retry-After"), now: now),
            isRefusal: !isPassing)
    }

    /// Of an answer that cannot be understood.
    func misunderstood(_ request: S3Request, _ problem: String) -> S3Failure {
        S3Failure(error: .badAnswer(place: place, operation: request.operation, problem: problem))
    }

    /// Of a body that ends before its end.
    func cutOff() -> S3Failure { S3Failure(error: unreachable("it ended too early"), isPassing: true) }

    /// Of any error on the way.
    func failure(_ error: any Error, _ request: S3Request) -> S3Failure {
        switch error {
        case let failure as S3Failure: return failure
        case let error as ObjectError: return S3Failure(error: error)
        case is CancellationError: return S3Failure(error: .cancelled)
        case let error as NIOTooManyBytesError:
            return request.tooLarge.map { S3Failure(error: $0) }
                ?? misunderstood(request, "it has more than \(error.maxBytes ?? 0) bytes")
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            return S3Failure(error: unreachable("\(error); AWS_CA_BUNDLE names a file of other certificates to trust"))
        default:
            if Task.isCancelled { return S3Failure(error: .cancelled) }
            let words = (error as? HTTPClientError)?.shortDescription ?? "\(error)"
            return S3Failure(error: unreachable(words), isPassing: true)
        }
    }

    private func unreachable(_ words: String) -> ObjectError {
        .unreachable(endpoint: endpoint.shown, problem: ObjectError.line(credentials.hidden(in: words)))
    }

    private func skew(_ headers: HTTPHeaders, _ document: XMLNode?, _ now: Date) -> Int? {
        let told =
            document?["ServerTime"].flatMap { HTTPTime.iso8601($0.text) }
            ?? headers.first(name: "Date").flatMap(HTTPTime.date)
        return told.map { Int(max(-1e9, min(1e9, now.timeIntervalSince($0)))) }
    }
}
