import Foundation
import HadalCheckpoint
import HadalCompute
import Testing

@Suite struct RowTests {
    static let widths = [1, 7, 16, 33, 100]

    @Test(arguments: widths) func normsEqualTheirDefinitions(width: Int) {
        var random = RandomNumbers(width)
        let rows = 4
        let x = random.floats(rows * width)
        let weight = random.floats(width)
        let bias = random.floats(width)
        var rms: [Double] = []
        var layer: [Double] = []
        for row in 0..<rows {
            let values = x[row * width..<(row + 1) * width].map(Double.init)
            let square = values.reduce(0) { $0 + $1 * $1 } / Double(width)
            let mean = values.reduce(0, +) / Double(width)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
            for column in 0..<width {
                rms.append(values[column] / (square + 1e-5).squareRoot() * Double(weight[column]))
                layer.append(
                    (values[column] - mean) / (variance + 1e-5).squareRoot() * Double(weight[column])
                        + Double(bias[column]))
            }
        }
        for device in devices {
            let buffer = device.buffer(x, width: width)
            let out = device.allocate(rows: rows, width: width)
            device.rmsNorm(
                buffer, rows: rows, offset: 0, groups: 1, weight: device.buffer(weight, width: width), epsilon: 1e-5,
                into: out)
            #expect(relativeError(device.read(out, rows: rows), rms) < 1e-6, "\(device.summary)")
            device.layerNorm(
                buffer, rows: rows, weight: device.buffer(weight, width: width),
                bias: device.buffer(bias, width: width),
                epsilon: 1e-5, into: out)
            #expect(relativeError(device.read(out, rows: rows), layer) < 1e-5, "\(device.summary)")
        }
    }

    @Test(arguments: widths) func activationsEqualTheirDefinitions(width: Int) {
        var random = RandomNumbers(width + 1)
        // Large magnitudes too: exp must neither overflow nor lose its sign.
        let x = random.floats(2 * 3 * width).map { $0 * 100 }
        var expected: [Double] = []
        for row in 0..<3 {
            for column in 0..<width {
                let gate = Double(x[row * 2 * width + column])
                expected.append(gate / (1 + exp(-gate)) * Double(x[row * 2 * width + width + column]))
            }
        }
        for device in devices {
            let out = device.allocate(rows: 3, width: width)
            device.gatedSiLU(device.buffer(x, width: 2 * width), rows: 3, into: out)
            #expect(relativeError(device.read(out, rows: 3), expected) < 1e-6, "\(device.summary)")
            let buffer = device.buffer(x.map { $0 / 30 }, width: 2 * width)
            device.gelu(buffer, rows: 3)
            let gelu = x.map { 0.5 * Double($0 / 30) * (1 + erf(Double($0 / 30) / 2.0.squareRoot())) }
            #expect(relativeError(device.read(buffer, rows: 3), gelu) < 1e-5, "\(device.summary)")
        }
    }

    /// V3's routing and the experts' sum against a plain loop.
    @Test(arguments: [RoutingShape.Scoring.softmax, .sigmoid])
    func expertsAreChosenAndSummedAsDefined(scoring: RoutingShape.Scoring) throws {
        let (experts, hidden, width, rows) = (8, 32, 16, 9)
        let shape = RoutingShape(
            experts: experts, expertsPerToken: 3, scoring: scoring, groups: 4, groupsPerToken: 2,
            groupRank: scoring == .sigmoid ? .sumOfBestTwo : .best, normalizes: scoring == .sigmoid, scale: 2.5)
        var random = RandomNumbers(21)
        let logits = random.floats(rows * experts)
        let bias = random.floats(experts)
        let x = random.floats(rows * hidden)
        let gates = random.floats(experts * 2 * width * hidden)
        let downs = random.floats(experts * hidden * width)
        var expected: [Double] = []
        for row in 0..<rows {
            let raw = logits[row * experts..<(row + 1) * experts].map(Double.init)
            let total = raw.reduce(0) { $0 + exp($1) }
            let scores = raw.map { scoring == .softmax ? exp($0) / total : 1 / (1 + exp(-$0)) }
            let choice = scores.enumerated().map { $1 + (scoring == .sigmoid ? Double(bias[$0]) : 0) }
            let ranks = (0..<4).map { group -> Double in
                let own = choice[group * 2..<group * 2 + 2].sorted(by: >)
                return scoring == .sigmoid ? own[0] + own[1] : own[0]
            }
            let kept = (0..<4).sorted { ranks[$0] > ranks[$1] }.prefix(2)
            let chosen = (0..<experts).filter { kept.contains($0 / 2) }.sorted { choice[$0] > choice[$1] }.prefix(3)
            let sum = chosen.reduce(0) { $0 + scores[$1] }
            var out = [Double](repeating: 0, count: hidden)
            for expert in chosen {
                let weight = scores[expert] / (scoring == .sigmoid ? sum : 1) * 2.5
                let parts = (0..<2 * width).map { output in
                    (0..<hidden).reduce(0.0) {
                        $0 + Double(gates[(expert * 2 * width + output) * hidden + $1]) * Double(x[row * hidden + $1])
                    }
                }
                for output in 0..<hidden {
                    out[output] +=
                        weight
                        * (0..<width).reduce(0.0) {
                            $0 + Double(downs[(expert * hidden + output) * width + $1])
                                * (parts[$1] / (1 + exp(-parts[$1])) * parts[width + $1])
                        }
                }
            }
            expected += out
        }
        for device in devices {
            device.route(
                device.buffer(logits, width: experts), rows: rows, shape: shape,
                bias: scoring == .sigmoid ? device.buffer(bias, width: experts) : nil)
            let out = device.allocate(rows: rows, width: hidden)
            device.multiplyExperts(
                device.buffer(x, width: hidden), rows: rows,
                gateUp: try device.stacked(gates, count: experts, outputs: 2 * width, inputs: hidden),
                down: try device.stacked(downs, count: experts, outputs: hidden, inputs: width), into: out)
            #expect(relativeError(device.read(out, rows: rows), expected) < 1e-5, "\(device.summary)")
        }
    }
}

@Suite struct ChoiceTests {
    @Test func instructionSetsAreForcedOrRefused() throws {
        #expect(try InstructionSet.chosen(environment: ["HADAL_ISA": "scalar"]) == .scalar)
        #expect(try InstructionSet.chosen(environment: [:]) == InstructionSet.available.last)
        #expect(throws: ComputeError.unknownInstructionSet("mmx")) {
            try InstructionSet.chosen(environment: ["HADAL_ISA": "mmx"])
        }
        let missing = InstructionSet.allCases.first { !InstructionSet.available.contains($0) }!
        #expect(throws: ComputeError.missingInstructionSet(missing.rawValue)) {
            try InstructionSet.chosen(environment: ["HADAL_ISA": missing.rawValue])
        }
    }

    @Test(arguments: ["0", "x", "-1", "2000"]) func threadCountsAreChecked(text: String) {
        #expect(throws: ComputeError.invalidThreads(text)) {
            try ThreadPool.chosenThreads(environment: ["HADAL_THREADS": text])
        }
    }
}
