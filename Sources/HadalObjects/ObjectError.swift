import Foundation

/// Why something cannot be done with objects, and what to do.
public enum ObjectError: Error, Sendable, Hashable {
    case badName(String, problem: String)
    case badPlace(String, problem: String)
    /// - source: a variable, or a file with its line.
    case badSetting(source: String, problem: String)
    case noCredentials(file: String)
    case notFound(place: String, name: String)
    /// The directory or the bucket itself.
    case noPlace(String)
    case tooLarge(place: String, name: String, limit: Int)
    /// It was replaced while it was read.
    case changed(place: String, name: String)
    /// It is there, and is not what was put there.
    case damaged(place: String, name: String, problem: String)
    /// A file to upload does not have the SHA-256 that it should have.
    case wrongBytes(file: String, expected: String, found: String)
    /// An object cannot be read from there on.
    case badOffset(file: String, offset: Int64, problem: String)
    case system(path: String, operation: String, code: Int32)
    case unreachable(endpoint: String, problem: String)
    /// - code: S3's, empty where there is none; message: the server's own words, in one line.
    case refused(place: String, operation: String, status: Int, code: String, message: String)
    /// - region: where the bucket is; nil where the server does not tell.
    case wrongRegion(place: String, region: String?)
    /// - seconds: how far this machine's clock is ahead of the server's; nil where the server does not tell.
    case wrongClock(endpoint: String, seconds: Int?)
    case badAnswer(place: String, operation: String, problem: String)
    case cancelled
}

extension ObjectError {
    static func check(_ file: String, _ found: String, against expected: String) throws(ObjectError) {
        if found != expected { throw .wrongBytes(file: file, expected: expected, found: found) }
    }
}

extension ObjectError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .badName(let name, let problem): "the object name '\(Self.line(name))' \(problem)"
        case .badPlace(let text, let problem):
            "'\(Self.line(text))' \(problem); a place is a directory, file:///DIRECTORY or s3://BUCKET[/PREFIX]"
        case .badSetting(let source, let problem): "\(source): \(problem)"
        case .noCredentials(let file):
            "there are no credentials for S3; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write them to \(file)"
        case .notFound(let place, let name): "there is no \(name) in \(place)"
        case .noPlace(let place):
            "\(place) is not there; check the name, and that the disk is mounted or the bucket was made"
        case .tooLarge(let place, let name, let limit):
            "\(name) in \(place) has more than the \(limit) bytes that it may have; it is not what it should be"
        case .changed(let place, let name): "\(name) in \(place) was replaced while it was read; read it again"
        case .damaged(let place, let name, let problem): "\(name) in \(place) \(problem)"
        case .wrongBytes(let file, let expected, let found):
            "\(file) is damaged: its SHA-256 is \(found) instead of \(expected); it was not put there"
        case .badOffset(let file, let offset, let problem):
            "\(file) cannot be gone on with at byte \(offset): \(problem); begin anew"
        case .system(let path, let operation, let code):
            "cannot \(operation) \(path): \(String(cString: strerror(code)))" + Self.advice(system: code)
        case .unreachable(let endpoint, let problem):
            "\(endpoint) does not answer: \(problem); check the network and the endpoint (AWS_ENDPOINT_URL), then try "
                + "again"
        case .refused(let place, let operation, let status, let code, let message):
            "\(place): the server refuses to \(operation): \(status)" + (code.isEmpty ? "" : " \(code)")
                + (message.isEmpty ? "" : " (\(message))") + Self.advice(status: status, code: code)
        case .wrongRegion(let place, let region?):
            "\(place) is in the region \(region); set AWS_REGION=\(region) (and an AWS_ENDPOINT_URL that is there)"
        case .wrongRegion(let place, nil):
            "\(place) is in another region, or at another endpoint; set AWS_REGION or AWS_ENDPOINT_URL to where it is"
        case .wrongClock(let endpoint, let seconds):
            "\(endpoint) refuses the time of this machine" + (seconds.map(Self.skew) ?? "")
                + "; set the clock (timedatectl set-ntp true), then try again"
        case .badAnswer(let place, let operation, let problem):
            "\(place): the answer to \(operation) is not what S3 sends: \(problem); check the endpoint "
                + "(AWS_ENDPOINT_URL)"
        case .cancelled: "it was cancelled"
        }
    }

    private static func advice(system code: Int32) -> String {
        switch code {
        case ENOSPC, EDQUOT: "; make room there, or use another place"
        case EROFS: "; the file system is mounted to be read only: mount it writable, or use another place"
        case EACCES, EPERM: "; give this user the right to write and read there, or use another place"
        case ENOTDIR, EISDIR: "; in a directory no name can begin with another one and '/'"
        default: ""
        }
    }

    private static func advice(status: Int, code: String) -> String {
        switch (code, status) {
        case ("InvalidAccessKeyId", _): "; this server does not know AWS_ACCESS_KEY_ID: check it, and the endpoint"
        case ("SignatureDoesNotMatch", _): "; check AWS_SECRET_ACCESS_KEY and AWS_REGION"
        case ("ExpiredToken", _), ("InvalidToken", _):
            "; get new credentials: AWS_SESSION_TOKEN has expired or is wrong"
        case (_, 401), (_, 403):
            "; check the credentials, and that their policy allows s3:ListBucket, GetObject, PutObject, DeleteObject "
                + "and AbortMultipartUpload there"
        case (_, 429), (_, 500...): "; try again later"
        default: ""
        }
    }

    private static func skew(_ seconds: Int) -> String {
        ", which is \(abs(seconds)) seconds \(seconds < 0 ? "behind" : "ahead of") the server's"
    }

    /// Others' words for people: one line, not too long.
    static func line(_ text: String) -> String {
        let scalars = text.unicodeScalars.prefix(300)
        return scalars.map { $0.properties.generalCategory == .control ? " " : String($0) }.joined()
    }
}
