/// Which way a text goes.
public enum PrivacyDirection: String, Sendable, Hashable, CaseIterable {
    /// From a client to a model.
    case request
    /// From a model to a client.
    case response
}

/// What is done with a finding; of several the last one rules.
public enum PrivacyAction: String, Sendable, Hashable, Comparable, CaseIterable {
    /// Left alone, unrecorded.
    case ignore
    /// Only recorded.
    case log
    /// Replaced by a placeholder that stands for the value until the answer is given to the client.
    case mask
    /// Replaced for good by what kind of value it was.
    case redact
    /// The whole text is refused.
    case block

    private var rank: Int {
        switch self {
        case .ignore: 0
        case .log: 1
        case .mask: 2
        case .redact: 3
        case .block: 4
        }
    }

    public static func < (left: PrivacyAction, right: PrivacyAction) -> Bool { left.rank < right.rank }
}

/// What a tenant wants done with which kind of personal data, in each direction.
public struct PrivacyPolicy: Sendable, Hashable {
    /// The rules of one direction.
    public struct Rules: Sendable, Hashable {
        /// For kinds that `actions` does not name.
        public var standard: PrivacyAction
        public var actions: [PersonalDataKind: PrivacyAction]
        /// Findings less sure than this are left alone.
        public var minimum: Confidence

        public init(
            standard: PrivacyAction = .ignore, actions: [PersonalDataKind: PrivacyAction] = [:],
            minimum: Confidence = .form
        ) {
            self.standard = standard
            self.actions = actions
            self.minimum = minimum
        }

        public func action(for kind: PersonalDataKind) -> PrivacyAction { actions[kind] ?? standard }

        /// Whether there is nothing to look for.
        public var isIdle: Bool { standard == .ignore && actions.values.allSatisfy { $0 == .ignore } }
    }

    public var request: Rules
    public var response: Rules

    public init(request: Rules = Rules(), response: Rules = Rules()) {
        self.request = request
        self.response = response
    }

    public func rules(for direction: PrivacyDirection) -> Rules {
        switch direction {
        case .request: request
        case .response: response
        }
    }
}
