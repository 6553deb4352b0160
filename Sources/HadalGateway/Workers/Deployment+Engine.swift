import HadalWire

extension [Deployment] {
    /// What the workers that are up tell of their engines, by the models' names; encoders have none, and who does not
    /// answer at once is left out.
    func engines() async -> [(model: String, figures: EngineFigures)] {
        await withTaskGroup(of: (model: String, figures: EngineFigures)?.self) { group in
            for deployment in self where deployment.model != nil {
                group.addTask {
                    (try? await deployment.client.health())?.engine.map { (deployment.name, $0) }
                }
            }
            return await group.reduce(into: []) { if let engine = $1 { $0.append(engine) } }
                .sorted { $0.model < $1.model }
        }
    }
}
