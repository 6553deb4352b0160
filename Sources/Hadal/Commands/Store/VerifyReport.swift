import HadalJSON
import HadalReplicas
import HadalStore

/// What `hadal verify` has found and done.
struct VerifyReport {
    struct Damage {
        let damage: ModelStore.Damage
        /// The place it was mended from, or why it was not; nil: it was not to be.
        var outcome: Result<String, any Error>?

        var isMended: Bool { if case .success = outcome { true } else { false } }
    }

    struct Model {
        let manifest: Manifest
        var damages: [Damage]

        var isWhole: Bool { damages.allSatisfy(\.isMended) }
    }

    let models: [Model]
    var findings: [ReplicaCheck.Finding] = []
    /// Replicas that could not be read.
    var problems: [PlaceProblem] = []

    var isWhole: Bool {
        models.allSatisfy(\.isWhole) && findings.allSatisfy(\.isMended) && problems.isEmpty
    }

    func tell() {
        for model in models {
            guard !model.damages.isEmpty else {
                print("\(model.manifest.fullName): whole")
                continue
            }
            print("\(model.manifest.fullName): \(model.isWhole ? "mended" : "damaged")")
            for damage in model.damages {
                print("  \(damage.damage.path) \(damage.damage.problem)")
                switch damage.outcome {
                case .success(let place): print("    mended from \(place)")
                case .failure(let error): print("    not mended: \(error)")
                case nil: break
                }
            }
            if !model.isWhole { print("  mend it: \(model.manifest.pullCommand)") }
        }
        for finding in findings {
            let file = finding.path.map { " \($0)" } ?? ""
            print("\(finding.place): \(finding.model)\(file) \(finding.problem)")
            if finding.isMended { print("  mended") }
            if let obstacle = finding.obstacle { print("  not mended: \(obstacle)") }
        }
        for problem in problems { print("not verified: \(problem)") }
    }

    /// An array of the models.
    var json: JSON {
        let models = models.map { model -> JSON in
            [
                "name": .string(model.manifest.name), "commit": .string(model.manifest.commit),
                "whole": .bool(model.isWhole),
                "damages": .array(
                    model.damages.map { damage in
                        .compact([
                            ("path", .string(damage.damage.path.text)), ("problem", .string(damage.damage.problem)),
                            ("mendedFrom", (try? damage.outcome?.get()).map(JSON.string)),
                        ])
                    }),
                "mend": model.isWhole ? .null : .string(model.manifest.pullCommand),
            ]
        }
        let replicas = findings.map { finding -> JSON in
            .compact([
                ("replica", .string(finding.place)), ("name", .string(finding.model)),
                ("path", finding.path.map { .string($0.text) }), ("problem", .string(finding.problem)),
                ("mended", .bool(finding.isMended)), ("obstacle", finding.obstacle.map(JSON.string)),
            ])
        }
        return .array(
            models + replicas + problems.map { ["replica": .string($0.place), "problem": .string($0.problem)] })
    }
}
