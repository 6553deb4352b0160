import HadalStore

/// Why a model does not come, and what to do.
public enum PullError: Error, Sendable, Hashable {
    case badSource(String, problem: String)
    case badProxy(variable: String, problem: String)
    /// A token would go over the network for all to read.
    case tokenInTheClear(url: String)
    case unreachable(url: String, problem: String)
    case nameUnknown(host: String)
    /// - message: the server's own words, in one line.
    case refused(url: String, status: Int, message: String, tokenVariable: String)
    case badAnswer(url: String, problem: String)
    case noWeights(repository: String, found: String)
    /// - choices: variants with their sizes.
    case chooseVariant(repository: String, choices: [String])
    case noSuchVariant(repository: String, wanted: String, choices: [String])
    case incompleteSet(file: String, parts: Int, found: Int)
    case wrongSize(file: String, told: Int64, found: String)
    case wrongChecksum(file: String, told: String, found: String)
    case keepsChanging(file: String)
    /// The source has another file than the catalogue says.
    case otherDigest(file: String, wanted: String, told: String)
}

extension PullError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .badSource(let text, let problem):
            "--from \(text): \(problem); it is huggingface, modelscope, or a mirror's address"
        case .badProxy(let variable, let problem):
            "\(variable): \(problem); it is http://[USER:PASSWORD@]HOST:PORT"
        case .tokenInTheClear(let url):
            "the token is not sent to \(url), where everybody on the way could read it; use https, or unset the token"
        case .unreachable(let url, let problem):
            "\(url) does not answer: \(problem); what has come so far is kept, and the same command goes on there"
        case .nameUnknown(let host):
            "there is no address for \(host); check the name and the network, set HTTPS_PROXY where a proxy is needed, "
                + "or use a mirror (HF_ENDPOINT, or --from)"
        case .refused(let url, let status, let message, let variable):
            "\(url) answers \(status)" + (message.isEmpty ? "" : " (\(message))") + Self.advice(status, variable)
        case .badAnswer(let url, let problem): "\(url) does not answer as a model hub does: \(problem)"
        case .noWeights(let repository, let found):
            "\(repository) has no safetensors and no GGUF, which are what hadal reads; it has \(found)"
        case .chooseVariant(let repository, let choices):
            "\(repository) has several models; say which (hadal pull \(repository):VARIANT, or --include PATTERN): "
                + choices.joined(separator: ", ")
        case .noSuchVariant(let repository, let wanted, let choices):
            "\(repository) has nothing that is '\(wanted)'; it has " + choices.joined(separator: ", ")
        case .incompleteSet(let file, let parts, let found):
            "\(file) is one of \(parts) parts, of which the server has \(found); tell its owner, or use another variant"
        case .wrongSize(let file, let told, let found):
            "\(file): the server says it has \(told) bytes and sends \(found); pull again, or from another source "
                + "(--from)"
        case .wrongChecksum(let file, let told, let found):
            "\(file): came twice with other bytes than it should have (SHA \(found), not \(told)), and was thrown "
                + "away; something on the way changes it: pull again, or from another source (--from)"
        case .otherDigest(let file, let wanted, let told):
            "\(file): the source has other bytes (SHA-256 \(told)) than the catalogue says (\(wanted)); nothing was "
                + "fetched: pull the revision that the catalogue means (@COMMIT; hadal models catalogue --json names it for digests "
                + "that Hadal brings), or correct it (store.catalogue)"
        case .keepsChanging(let file):
            "\(file) keeps changing on the server while it is fetched; pull again later, or a fixed revision (@COMMIT)"
        }
    }

    private static func advice(_ status: Int, _ variable: String) -> String {
        switch status {
        case 401, 403:
            ": the model may be private or gated, or not exist; check the name, accept its licence on its page, and "
                + "put a token of your account in \(variable)"
        case 404: ": there is no such repository or revision; check the name (OWNER/NAME) and the revision"
        case 429: ": too many requests; try again later, or with a token in \(variable)"
        default: "; what has come so far is kept, and the same command goes on there"
        }
    }

    /// Others' words for people: one line, not too long.
    static func line(_ text: String) -> String {
        let scalars = text.unicodeScalars.prefix(300)
        return scalars.map { $0.properties.generalCategory == .control ? " " : String($0) }.joined()
    }
}
