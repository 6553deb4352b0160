import HadalCUDA
import HadalJSON

/// What models need to be computed on a card, for `hadal doctor`.
extension CUDAReport {
    var findings: [MachineReport.Finding] {
        [
            .init(
                name: "CUDA driver", value: driver ?? driverProblem?.text ?? "unknown", advice: driverProblem?.advice),
            .init(
                name: "CUDA compiler",
                value: compiler.map { "NVRTC \($0)" + (compilerPath.map { " (\($0))" } ?? "") }
                    ?? compilerProblem?.text ?? "unknown",
                // Compiled kernels that are kept serve without it.
                advice: compilerProblem.map {
                    "\($0.advice); not needed where \(cacheDirectory) has the card's kernels"
                }),
        ]
            + cards.map { card in
                .init(
                    name: "--device cuda:\(card.card.index)",
                    value: card.problem?.text
                        ?? card.card.summary + (card.freeMemory.map { ", \(byteText($0)) free" } ?? ""),
                    advice: card.problem?.advice)
            }
            + (choiceProblem.map { [.init(name: "HADAL_CUDA_DEVICE", value: $0.text, advice: $0.advice)] } ?? [])
    }

    var json: JSON {
        .compact([
            ("driver", driver.map(JSON.string)), ("driver_problem", driverProblem?.json),
            ("compiler", compiler.map(JSON.string)), ("compiler_path", compilerPath.map(JSON.string)),
            ("compiler_problem", compilerProblem?.json), ("cache_directory", .string(cacheDirectory)),
            ("choice_problem", choiceProblem?.json),
            (
                "cards",
                .array(
                    cards.map { card in
                        .compact([
                            ("index", .int(Int64(card.card.index))), ("uuid", .string(card.card.uuid)),
                            ("name", .string(card.card.name)),
                            ("free_bytes", card.freeMemory.map { .int(Int64($0)) }), ("problem", card.problem?.json),
                        ])
                    })
            ),
        ])
    }
}

extension CUDAReport.Problem {
    fileprivate var json: JSON { ["text": .string(text), "advice": .string(advice)] }
}
