/// What lasts until an alert is over.
extension ServerHealing {
    func drain(_ name: String) throws(NothingToHeal) -> String {
        let found = try found(name)
        guard found.count == 1, let worker = found.first else {
            throw NothingToHeal(
                "\(name) has several workers, and the alert does not say which: \(found.map(\.name).joined(separator: ", "))"
            )
        }
        let others = workers.all.filter {
            $0.deployment.served == worker.deployment.served && $0.name != worker.name
                && $0.deployment.presence.isUsable && !$0.deployment.presence.isSetAside
        }
        guard !others.isEmpty else {
            throw NothingToHeal(
                "\(worker.name) is the last of \(worker.deployment.served) that can be asked: it goes on")
        }
        return "\(worker.name) finishes what it has; new requests go to \(others.map(\.name).joined(separator: ", "))"
    }

    /// - Parameter name: empty: all models.
    func shed(_ name: String) throws(NothingToHeal) -> String {
        guard !name.isEmpty else { return "requests of low priority are refused" }
        let model = try found(name)[0].deployment.served
        return "requests of low priority for \(model) are refused"
    }

    /// Has all workers and requests go by what lasts.
    func apply(_ orders: Set<HealingOrder>) {
        let all = workers.all
        let drained = orders.filter { $0.act == .drain }.map(\.model)
        for worker in all {
            worker.deployment.presence.isSetAside = drained.contains(worker.name)
        }
        shedding.models = Set(
            orders.filter { $0.act == .shed }.map { order in
                all.first { $0.name == order.model }?.deployment.served ?? order.model
            })
    }
}
