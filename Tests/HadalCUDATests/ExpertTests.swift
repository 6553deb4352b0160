import HadalCUDA
import HadalCheckpoint
import HadalCompute
import TestSupport
import Testing

@Suite struct ExpertTests {
    private static let (experts, hidden, width) = (8, 64, 32)

    private static func shape(_ scoring: RoutingShape.Scoring) -> RoutingShape {
        RoutingShape(
            experts: experts, expertsPerToken: 3, scoring: scoring, groups: 4, groupsPerToken: 2,
            groupRank: scoring == .sigmoid ? .sumOfBestTwo : .best, normalizes: scoring == .sigmoid, scale: 2.5)
    }

    /// Router logits, inputs and what the outputs begin with, of all rows.
    private struct Rows {
        var logits: [Float]
        var x: [Float]
        var out: [Float]
        let bias: [Float]

        init(_ count: Int) {
            var random = SplitMix(state: 21)
            bias = random.floats(experts)
            (logits, x, out) = ([], [], [])
            for _ in 0..<count {
                logits += random.floats(experts)
                x += random.floats(hidden)
                out += random.floats(hidden)
            }
        }

        subscript(_ rows: Range<Int>) -> Rows {
            var part = self
            part.logits = Array(logits[rows.lowerBound * experts..<rows.upperBound * experts])
            part.x = Array(x[rows.lowerBound * hidden..<rows.upperBound * hidden])
            part.out = Array(out[rows.lowerBound * hidden..<rows.upperBound * hidden])
            return part
        }

        func run(
            _ device: any ComputeDevice, _ scoring: RoutingShape.Scoring, gateUp: any StackedWeight,
            down: any StackedWeight
        ) throws -> [Float] {
            let rows = out.count / hidden
            device.route(
                try device.buffer(logits, width: experts), rows: rows, shape: shape(scoring),
                bias: scoring == .sigmoid ? try device.buffer(bias, width: experts) : nil)
            let target = try device.buffer(out, width: hidden)
            device.multiplyExperts(
                try device.buffer(x, width: hidden), rows: rows, gateUp: gateUp, down: down, into: target)
            return device.read(target, rows: rows)
        }
    }

    private static func tensors(_ format: TensorFormat, _ outputs: Int, _ inputs: Int, _ seed: Int) throws -> [Tensor] {
        try (0..<experts).map { try ProductTests.tensor(format, outputs, inputs, seed + $0) }
    }

    @Test(arguments: [TensorFormat.f32, .bf16, .q8_0, .q4_0, .mxfp4], [RoutingShape.Scoring.softmax, .sigmoid])
    func expertsAreChosenAndSummedAsOnTheProcessor(format: TensorFormat, scoring: RoutingShape.Scoring) throws {
        let gates = try Self.tensors(format, Self.width, Self.hidden, 100)
        let ups = try Self.tensors(format, Self.width, Self.hidden, 200)
        let downs = try Self.tensors(format, Self.hidden, Self.width, 300)
        let (card, processor) = (try TestCard.device(), try processor())
        for count in [1, 9, 40] {
            let rows = Rows(count)
            let own = try rows.run(
                card, scoring, gateUp: card.stacked(gates, with: ups), down: card.stacked(downs))
            // The numbers of the file in float32.
            let exact = try rows.run(
                processor, scoring,
                gateUp: processor.stacked(
                    zip(gates, ups).flatMap { $0.dequantized() + $1.dequantized() }, count: Self.experts,
                    outputs: 2 * Self.width, inputs: Self.hidden),
                down: processor.stacked(
                    downs.flatMap { $0.dequantized() }, count: Self.experts, outputs: Self.hidden, inputs: Self.width))
            let error = relativeError(own, exact)
            #expect(error < 2 * ProductTests.limit(format), "\(count) rows: \(error)")
        }
    }

    /// FP8's blocks of 128 rows are each expert's own, or are given up.
    @Test(arguments: [128, 40]) func expertsInFP8AreTaken(width: Int) throws {
        func tensors(_ outputs: Int, _ inputs: Int, _ seed: Int) throws -> [Tensor] {
            try (0..<Self.experts).map { try ProductTests.tensor(.f8_E4M3, outputs, inputs, seed + $0) }
        }
        let gates = try tensors(width, Self.hidden, 1)
        let downs = try tensors(Self.hidden, width, 2)
        let rows = Rows(5)
        let (card, processor) = (try TestCard.device(), try processor())
        let own = try rows.run(card, .softmax, gateUp: card.stacked(gates, with: gates), down: card.stacked(downs))
        let exact = try rows.run(
            processor, .softmax,
            gateUp: processor.stacked(
                gates.flatMap { $0.dequantized() + $0.dequantized() }, count: Self.experts, outputs: 2 * width,
                inputs: Self.hidden),
            down: processor.stacked(
                downs.flatMap { $0.dequantized() }, count: Self.experts, outputs: Self.hidden, inputs: width))
        #expect(relativeError(own, exact) < 2e-3)
    }

    @Test(arguments: [TensorFormat.f32, .q4_0]) func aRowHasTheSameBitsAloneAndAmongOthers(format: TensorFormat) throws
    {
        let device = try TestCard.device()
        let gates = try Self.tensors(format, Self.width, Self.hidden, 1)
        let gateUp = try device.stacked(gates, with: gates)
        let down = try device.stacked(Self.tensors(format, Self.hidden, Self.width, 9))
        let rows = Rows(70)
        let together = try rows.run(device, .sigmoid, gateUp: gateUp, down: down)
        for row in [0, 1, 33, 69] {
            let alone = try rows[row..<row + 1].run(device, .sigmoid, gateUp: gateUp, down: down)
            #expect(alone == Array(together[row * Self.hidden..<(row + 1) * Self.hidden]), "row \(row)")
        }
    }

    /// One tensor of all experts, of another format in one of them than in the others.
    @Test func expertsOfDifferentFormatsAreWidened() throws {
        var downs = try Self.tensors(.q8_0, Self.hidden, Self.width, 1)
        downs[3] = try ProductTests.tensor(.q4_0, Self.hidden, Self.width, 4)
        let gates = try Self.tensors(.bf16, Self.width, Self.hidden, 1)
        let rows = Rows(6)
        let (card, processor) = (try TestCard.device(), try processor())
        let own = try rows.run(card, .softmax, gateUp: card.stacked(gates, with: gates), down: card.stacked(downs))
        let exact = try rows.run(
            processor, .softmax, gateUp: processor.stacked(gates, with: gates),
            down: processor.stacked(
                downs.flatMap { $0.dequantized() }, count: Self.experts, outputs: Self.hidden, inputs: Self.width))
        #expect(relativeError(own, exact) < 2e-3)
    }
}
