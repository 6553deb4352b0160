import HadalWire

extension [Deployment] {
    /// What the workers that are up tell of their engines, by the models' names (`r1#2` for the second worker of
    /// several); encoders have none, and who does not answer at once is left out.
    func engines() async -> [(model: String, figures: EngineFigures)] {
        await withTaskGroup(of: (model: String, figures: EngineFigures)?.self) { group in
            for deployment in self {
                for (id, member) in deployment.namedMembers where member.model != nil {
                    group.addTask { (try? await member.client.health())?.engine.map { (id, $0) } }
                }
            }
            return await group.reduce(into: []) { if let engine = $1 { $0.append(engine) } }
                .sorted { $0.model < $1.model }
        }
    }
}

extension Deployment {
    /// Its workers by their names: the model's where it has one, `r1#1`, `r1#2` where it has several.
    var namedMembers: [(id: String, member: Deployment)] {
        replicas.isEmpty ? [(served, self)] : replicas.enumerated().map { ("\(served)#\($0 + 1)", $1) }
    }
}
