import HadalState

/// What is wrong with a file of ours, and what to do about it.
public enum AccessStoreError: Error, Sendable, Hashable {
    case state(StateError)
    /// `access.key` is missing or another one than that with which secrets in `access.db` were sealed.
    case wrongKey(path: String)
    /// It has events that are encrypted, and no keys to read them were given.
    case sealed(path: String)
    case failed(path: String, problem: String)

    init(_ error: any Error, path: String) {
        switch error {
        case let error as AccessStoreError: self = error
        case let error as StateError: self = .state(error)
        default: self = .failed(path: path, problem: "\(error)")
        }
    }
}

extension AccessStoreError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .state(let error): error.description
        case .wrongKey(let path):
            "\(path) is missing or not the key that second factors were sealed with; restore it, or reset them"
        case .sealed(let path):
            "\(path) has events that are encrypted; configure the key service that they were written with "
                + "(secrets.service) and name the configuration with --config"
        case .failed(let path, let problem): "\(path): \(problem)"
        }
    }
}
