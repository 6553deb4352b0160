import Foundation
import HadalConfiguration
import HadalObjects

extension S3AccessSettings {
    /// - Parameters:
    ///   - place: a directory, or a bucket that is reached as configured.
    ///   - creating: makes a directory that is not there.
    func storage(at place: String, creating: Bool = false) throws(ObjectError) -> any ObjectStorage {
        let environment = over(ProcessInfo.processInfo.environment)
        return try ObjectPlace(place).storage(creating: creating) { () throws(ObjectError) in
            try S3Settings(environment: environment)
        }
    }

    /// What is configured counts before what the environment says.
    private func over(_ environment: [String: String]) -> [String: String] {
        var all = environment
        if let endpoint { all["AWS_ENDPOINT_URL_S3"] = endpoint.absoluteString }
        if let region { all["AWS_REGION"] = region }
        if let profile { all["AWS_PROFILE"] = profile }
        if let ca { all["AWS_CA_BUNDLE"] = ca }
        if let credentialsFile {
            all["AWS_SHARED_CREDENTIALS_FILE"] = credentialsFile
            for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] { all[name] = nil }
        }
        return all
    }
}
