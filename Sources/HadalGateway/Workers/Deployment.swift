import Foundation
import HadalWire
import Synchronization

/// A model under its name, and the worker that serves it, as far as it is up.
final class Deployment: Sendable {
    let name: String
    let client: WorkerClient
    /// Seconds since 1970.
    let created = Int(Date().timeIntervalSince1970)
    private let current = Mutex<WorkerModel?>(nil)

    init(name: String, client: WorkerClient) {
        self.name = name
        self.client = client
    }

    /// What the worker tells of its model; nil while there is no worker that takes requests.
    var model: WorkerModel? {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }

    /// Of an answer that begins now.
    /// - Parameter kind: what its id begins with.
    func replyHead(_ kind: String, _ separator: String = "-") -> ReplyHead {
        ReplyHead(
            id: RequestID.make(kind, separator), created: Int(Date().timeIntervalSince1970), model: name,
            fingerprint: model?.fingerprint ?? "")
    }
}

/// All models that are served.
struct Deployments: Sendable {
    let all: [Deployment]

    /// - Parameter name: Ollama's clients add `:latest` where no tag is given.
    func deployment(named name: String) throws(GatewayError) -> Deployment {
        let plain = name.hasSuffix(":latest") ? String(name.dropLast(":latest".count)) : name
        guard let deployment = all.first(where: { $0.name == name || $0.name == plain }) else {
            throw .noSuchModel(name, known: all.map(\.name))
        }
        return deployment
    }

    /// The deployment that can do what a request asks for.
    func choose(_ call: Call) throws(GatewayError) -> Deployment {
        let deployment = try deployment(named: call.model)
        guard let model = deployment.model else { throw .notReady(model: call.model) }
        if let ability = call.ability, !model.abilities.contains(ability) {
            throw .notAbleTo(model: call.model, ability: ability)
        }
        return deployment
    }
}
