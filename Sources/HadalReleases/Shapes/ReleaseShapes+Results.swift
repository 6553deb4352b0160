import HadalJSON

extension ReleaseShapes {
    public static func result(_ result: ExperimentResult) -> JSON {
        var test: JSON?
        switch result.test {
        case .proportions(let found):
            test = .compact([
                ("name", "two-proportion z"), ("z", .double(found.z)), ("p", .double(found.p)),
                ("difference", .double(found.difference)), ("low", .double(found.low)), ("high", .double(found.high)),
            ])
        case .means(let found):
            test = .compact([
                ("name", "Welch t"), ("t", .double(found.t)), ("degrees", .double(found.degrees)),
                ("p", .double(found.p)), ("difference", .double(found.difference)), ("low", .double(found.low)),
                ("high", .double(found.high)),
            ])
        case .none: break
        }
        return .compact([
            ("metric", .string(result.metric)), ("isBinary", .bool(result.isBinary)),
            ("baseline", side(result.baseline)), ("candidate", side(result.candidate)), ("test", test),
            (
                "sequential",
                result.sequential.map {
                    .compact([("low", .double($0.low)), ("high", .double($0.high)), ("p", .double($0.p))])
                }
            ),
            ("warnings", .array(result.warnings.map(JSON.string))),
        ])
    }

    private static func side(_ side: ExperimentResult.Side) -> JSON {
        .compact([
            ("version", number(side.version)), ("answers", number(side.answers)),
            ("subjects", number(side.subjects)), ("mean", .double(side.mean)),
        ])
    }

    /// How many requests a version had.
    public static func requests(_ window: VersionWindow, version: Int) -> JSON {
        .compact([
            ("version", number(version)), ("finished", number(window.finished)), ("errors", number(window.errors)),
            ("cancelled", number(window.cancelled)),
        ])
    }

    public static func confusion(_ matrix: ConfusionMatrix, version: Int) -> JSON {
        let cells = matrix.counts.sorted { ($0.key.actual, $0.key.predicted) < ($1.key.actual, $1.key.predicted) }
        return .compact([
            ("version", number(version)), ("total", number(matrix.total)),
            ("accuracy", matrix.accuracy.map(JSON.double)), ("macroF1", matrix.macroF1.map(JSON.double)),
            (
                "classes",
                .array(
                    matrix.classes.map {
                        .compact([
                            ("name", .string($0.name)), ("support", number($0.support)),
                            ("precision", $0.precision.map(JSON.double)), ("recall", $0.recall.map(JSON.double)),
                            ("f1", $0.f1.map(JSON.double)),
                        ])
                    })
            ),
            (
                "cells",
                .array(
                    cells.map {
                        .compact([
                            ("actual", .string($0.key.actual)), ("predicted", .string($0.key.predicted)),
                            ("count", .int(Int64($0.value))),
                        ])
                    })
            ),
        ])
    }

    public static func shadow(_ summary: ShadowSummary) -> JSON {
        func seconds(_ values: Reservoir) -> JSON {
            .compact([
                ("p50", values.values.quantile(0.5).map(JSON.double)),
                ("p95", values.values.quantile(0.95).map(JSON.double)),
            ])
        }
        return .compact([
            ("compared", number(summary.count)), ("failed", number(summary.failed)),
            ("identical", number(summary.identical)), ("similar", number(summary.similar)),
            ("unsound", number(summary.unsound)), ("similarity", .double(summary.similarity.mean)),
            ("baselineLength", .double(summary.baselineLength.mean)),
            ("candidateLength", .double(summary.candidateLength.mean)),
            ("baselineSeconds", seconds(summary.baselineSeconds)),
            ("candidateSeconds", seconds(summary.candidateSeconds)),
        ])
    }
}
