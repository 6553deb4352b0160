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
        var damages: [Damage] = []
        /// Why it could not be verified.
        var obstacle: String?

        var isWhole: Bool { obstacle == nil && damages.allSatisfy(\.isMended) }
    }

    /// A manifest that cannot be read.
    struct BadManifest {
        let problem: String
        /// As that of a damage.
        let outcome: Result<String, any Error>?

        var isMended: Bool { if case .success = outcome { true } else { false } }
    }

    var manifests: [BadManifest] = []
    var models: [Model] = []
    var replicas = ReplicaCheck.Result()

    var isWhole: Bool {
        manifests.allSatisfy(\.isMended) && models.allSatisfy(\.isWhole)
            && replicas.findings.allSatisfy(\.isMended) && replicas.problems.isEmpty
    }

    func tell() {
        for manifest in manifests {
            print(manifest.problem)
            tell(manifest.outcome)
        }
        for model in models {
            guard !model.damages.isEmpty else {
                print("\(model.manifest.fullName): \(model.obstacle.map { "not verified: \($0)" } ?? "whole")")
                continue
            }
            print("\(model.manifest.fullName): \(model.isWhole ? "mended" : "damaged")")
            for damage in model.damages {
                print("  \(damage.damage.path) \(damage.damage.problem)")
                tell(damage.outcome)
            }
            if !model.isWhole { print("  mend it: \(model.manifest.pullCommand)") }
        }
        for finding in replicas.findings {
            let file = finding.path.map { " \($0)" } ?? ""
            print("\(finding.place): \(finding.model)\(file) \(finding.problem)")
            if finding.isMended { print("  mended") }
            if let obstacle = finding.obstacle { print("  not mended: \(obstacle)") }
        }
        for reading in replicas.readings {
            print("\(reading.place): \(reading.models) models, \(ByteCount.text(reading.bytes)) read")
        }
        for problem in replicas.problems { print("not verified: \(problem)") }
    }

    private func tell(_ outcome: Result<String, any Error>?) {
        switch outcome {
        case .success(let place): print("    mended from \(place)")
        case .failure(let error): print("    not mended: \(error)")
        case nil: break
        }
    }

    /// An array of the models, and of what else was found.
    var json: JSON {
        let manifests = manifests.map { manifest -> JSON in
            .compact([("problem", .string(manifest.problem)), ("mendedFrom", Self.place(manifest.outcome))])
        }
        let models = models.map { model -> JSON in
            .compact([
                ("name", .string(model.manifest.name)), ("commit", .string(model.manifest.commit)),
                ("whole", .bool(model.isWhole)), ("obstacle", model.obstacle.map(JSON.string)),
                (
                    "damages",
                    .array(
                        model.damages.map { damage in
                            .compact([
                                ("path", .string(damage.damage.path.text)),
                                ("problem", .string(damage.damage.problem)),
                                ("mendedFrom", Self.place(damage.outcome)),
                            ])
                        })
                ),
                ("mend", model.damages.allSatisfy(\.isMended) ? .null : .string(model.manifest.pullCommand)),
            ])
        }
        let findings = replicas.findings.map { finding -> JSON in
            .compact([
                ("replica", .string(finding.place)), ("name", .string(finding.model)),
                ("path", finding.path.map { .string($0.text) }), ("problem", .string(finding.problem)),
                ("mended", .bool(finding.isMended)), ("obstacle", finding.obstacle.map(JSON.string)),
            ])
        }
        let readings = replicas.readings.map { reading -> JSON in
            [
                "replica": .string(reading.place), "models": .int(Int64(reading.models)),
                "bytes": .int(reading.bytes),
            ]
        }
        let problems = replicas.problems.map { problem -> JSON in
            ["replica": .string(problem.place), "problem": .string(problem.problem)]
        }
        return .array(manifests + models + findings + readings + problems)
    }

    private static func place(_ outcome: Result<String, any Error>?) -> JSON? {
        (try? outcome?.get()).map(JSON.string)
    }
}
