/// Why a version cannot be used, for people.
enum VersionProblem: Error, CustomStringConvertible {
    case notStarted(VersionName, problem: String)
    case stopped(VersionName)
    case notStartedHere(VersionName, model: String)
    case otherModel(VersionName, expected: String, found: String)
    case noAnswer(VersionName, problem: String)

    var description: String {
        switch self {
        case .notStarted(let version, let problem):
            "the worker of \(version) could not start: \(problem); the server's log has what it said"
        case .stopped(let version): "the worker of \(version) was stopped"
        case .notStartedHere(let version, let model):
            "\(version) has the model \(model), which this server does not start; give a model on this machine"
        case .otherModel(let version, let expected, let found):
            "the worker of \(version) has a model with the digest \(found), and the version says \(expected): "
                + "its files are not those that were released; add what they are now as a new version"
        case .noAnswer(let version, let problem): "\(version) does not answer a question: \(problem)"
        }
    }
}
