import HTTPTypes
import HadalAccess
import HadalHTTP
import HadalWire
import Synchronization

/// A request that was let in: it takes up a place, and what it uses is counted for its limits, until it leaves. What it asks
/// of models goes through the steps on contents.
final class Visit: Sendable {
    private struct Notes {
        var verdicts = ContentVerdicts()
        var cached: Exchange.Cached?
        /// The one that answers, where a rule chose another.
        var model: String?
        /// Why it was chosen, where an alias was asked for.
        var route: RoutedPlan?
    }

    let caller: Caller
    let facts: RequestFacts
    private let content: ContentStep
    private let pass: RequestGate.Pass
    /// nil where nothing is limited.
    private let admission: Admission?
    private let used = Mutex(Usage())
    private let notes = Mutex(Notes())

    init(
        _ caller: Caller, _ facts: RequestFacts, _ content: ContentStep, _ pass: RequestGate.Pass,
        _ admission: Admission? = nil
    ) {
        self.caller = caller
        self.facts = facts
        self.content = content
        self.pass = pass
        self.admission = admission
    }

    var connection: ClientConnection { caller.connection }

    func meter(_ usage: Usage, countsPrompt: Bool = true) {
        used.withLock { $0.add(usage, countsPrompt: countsPrompt) }
    }

    func leave() {
        let used = used.withLock { $0 }
        admission?.finish(
            promptTokens: used.promptTokens, cachedTokens: used.cachedTokens, answerTokens: used.completionTokens)
        pass.leave()
    }

    // MARK: contents

    /// Returns once the worker has accepted the request, or its answer is there. Dropping what is returned ends it.
    /// - Parameter countsPrompt: false for further choices of a prompt that is counted already.
    func generate(
        _ job: Job, _ deployment: Deployment, countsPrompt: Bool = true
    ) async throws -> GuardedGeneration {
        try await content.begin(job, deployment, self, countsPrompt: countsPrompt)
    }

    func embed(_ request: EmbedRequest, _ deployment: Deployment) async throws -> Embeddings {
        try await content.embed(request, deployment, self)
    }

    /// Verdicts tell what is looked for, which helps who wants to get around it.
    var seesVerdicts: Bool { caller.principal.permissions.contains(.viewAudit) }

    func note(_ verdicts: ContentVerdicts) { notes.withLock { $0.verdicts = verdicts } }
    func note(_ cached: Exchange.Cached) { notes.withLock { $0.cached = cached } }
    func note(model: String) { notes.withLock { $0.model = model } }
    func note(route: RoutedPlan) { notes.withLock { $0.route = route } }

    /// What is known of the answer when its head is written.
    var headers: HTTPFields {
        let notes = notes.withLock { $0 }
        var fields = HTTPFields()
        if let cached = notes.cached { fields[.answerCache] = cached.rawValue }
        if let model = notes.model { fields[.answeringModel] = model }
        let verdicts = [notes.route?.summary, notes.verdicts.actions.isEmpty ? nil : notes.verdicts.summary]
            .compactMap(\.self)
        if seesVerdicts, !verdicts.isEmpty { fields[.contentVerdicts] = verdicts.joined(separator: ", ") }
        return fields
    }
}
