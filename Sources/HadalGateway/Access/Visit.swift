import HadalAccess
import HadalHTTP
import HadalWire
import Synchronization

/// A request that was let in: it takes up a place, and what it uses is counted for its limits, until it leaves.
final class Visit: Sendable {
    let caller: Caller
    private let pass: RequestGate.Pass
    /// nil where nothing is limited.
    private let admission: Admission?
    private let used = Mutex(Usage())

    init(_ caller: Caller, _ pass: RequestGate.Pass, _ admission: Admission? = nil) {
        self.caller = caller
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
}
