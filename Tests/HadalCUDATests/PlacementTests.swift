import CUDAEmulator
import Foundation
import HadalCUDA
import HadalCheckpoint
import HadalCompute
import HadalJSON
import HadalModels
import TestSupport
import Testing

/// Experts of which some layers' are the card's and some the processor's.
@Suite struct PlacementTests {
    private static let tokens: [Int32] = [1, 17, 30, 42, 5, 9, 10, 7, 4, 61, 3]

    private static func logits(_ model: any LanguageModel, chunk: Int) throws -> [Float] {
        try TestModels.logits(model, tokens, chunk: chunk)
    }

    /// Of the largest logit, the row's that is farthest off but for one: where two experts are chosen with nearly the same
    /// score, rounding decides, and a row is another.
    private static func difference(_ values: [Float], _ reference: [Float]) -> Float {
        guard values.count == reference.count, values.allSatisfy(\.isFinite) else { return .infinity }
        let (largest, width) = (reference.map(abs).max() ?? 1, values.count / tokens.count)
        let worst = tokens.indices.map { row in
            (row * width..<(row + 1) * width).map { abs(values[$0] - reference[$0]) / largest }.max()!
        }
        return worst.sorted()[tokens.count - 2]
    }

    /// - Parameter onCard: layers whose experts are the card's.
    private static func model(
        _ path: String, onCard: Int, isExact: Bool
    ) throws -> (model: any LanguageModel, device: CUDADevice) {
        var limits = CUDALimits(threads: 2)
        limits.expertLayers = onCard
        let device = try TestCard.device(limits: limits, isExact: isExact)
        return (try ModelLoader.load(Checkpoint.open(path), device: device, maximumRows: 64), device)
    }

    @Test(
        arguments: [TestModels.guide]
            + ["deepseek-moe", "deepseek-v2-lite", "deepseek-v3", "deepseek-v3-fp8"].map(TestModels.fixture))
    func logitsAreTheProcessorsWhereverExpertsAre(_ path: String) throws {
        let reference = try Self.logits(
            ModelLoader.load(Checkpoint.open(path), device: processor(), maximumRows: 64), chunk: 64)
        // The processor rounds the guide's rows to 8 bits, the card does not.
        func mistake(onCard: Int) throws -> Float {
            try Self.difference(
                Self.logits(Self.model(path, onCard: onCard, isExact: true).model, chunk: 64), reference)
        }
        let own = try mistake(onCard: .max)
        for onCard in [0, 1, 2] {
            let mistake = try mistake(onCard: onCard)
            #expect(mistake < 1.5 * own + 1e-5, "\(onCard) layers: \(mistake), all \(own)")
        }
        let (model, device) = try Self.model(path, onCard: 0, isExact: false)
        #expect(device.experts.layersOnHost > 0 && device.summary.contains("layers on CPU ("), "\(device.summary)")
        let whole = try Self.logits(model, chunk: 64)
        let rounding = Self.difference(whole, reference)
        #expect(rounding < 1.5 * own + 1e-2, "\(rounding)")
        for chunk in [1, 4] { #expect(try Self.logits(model, chunk: chunk) == whole, "cut into \(chunk)") }
        #expect(device.work.weightBytes > device.ownWork.weightBytes)
    }

    /// As a person sees it: a card too small for the model, or that may be used in part.
    @Test(.serialized, arguments: [true, false]) func whatDoesNotFitIsTheProcessors(isLimited: Bool) throws {
        let path = TestModels.guide
        let reference = try Self.logits(
            ModelLoader.load(Checkpoint.open(path), device: processor(), maximumRows: 64), chunk: 64)
        func load(_ bytes: Int?) throws -> (model: any LanguageModel, device: CUDADevice) {
            let device = try EmulatedCard.device(limits: CUDALimits(memory: isLimited ? bytes : nil, threads: 1))
            if let bytes, !isLimited { cuda_emulator_set_memory(device.memory.total - device.memory.free + bytes) }
            defer { cuda_emulator_set_memory(8 << 30) }
            return (try ModelLoader.load(Checkpoint.open(path), device: device, maximumRows: 16), device)
        }
        let (_, all) = try load(nil)
        #expect(all.experts.host == nil && !all.summary.contains("CPU"))
        // The guide's experts are 4 MB, all else 6.
        let (model, device) = try load(10 << 20)
        #expect((1...4).contains(device.experts.layersOnHost), "\(device.experts)")
        #expect(try Self.difference(Self.logits(model, chunk: 16), reference) < 0.05)
        if isLimited {
            #expect(device.freeMemory! < 5 << 20)
            #expect {
                _ = try load(3 << 20)
            } throws: { error in "\(error)".contains("experts aside, and may use 3.0 MiB") }
            // Where not even all else fits, it is said.
            #expect(throws: CUDAError.self) {
                let small = try EmulatedCard.device()
                cuda_emulator_set_memory(small.memory.total - small.memory.free + (2 << 20))
                defer { cuda_emulator_set_memory(8 << 30) }
                _ = try ModelLoader.load(Checkpoint.open(path), device: small, maximumRows: 16)
            }
        }
    }

    @Test func aRowHasTheSameBitsAloneAndAmongOthers() throws {
        let (experts, hidden, width) = (8, 64, 32)
        func tensors(_ outputs: Int, _ inputs: Int, _ seed: Int) throws -> [Tensor] {
            try (0..<experts).map { try ProductTests.tensor(.q4_0, outputs, inputs, seed + $0) }
        }
        let device = try TestCard.device(limits: CUDALimits(threads: 2))
        device.experts.room = 0  // as of a full card
        let (gates, downs) = (try tensors(width, hidden, 1), try tensors(hidden, width, 20))
        let home = try device.home(ofExperts: gates + gates + downs)
        #expect(home is CPUDevice)
        let (gateUp, down) = (try home.stacked(gates, with: gates), try home.stacked(downs))
        var random = SplitMix(state: 3)
        let (logits, x, before) = (
            random.floats(70 * experts), random.floats(70 * hidden), random.floats(70 * hidden)
        )
        func run(_ device: any ComputeDevice, _ rows: Range<Int>) throws -> [Float] {
            func part(_ values: [Float], _ width: Int) throws -> Buffer {
                try device.buffer(Array(values[rows.lowerBound * width..<rows.upperBound * width]), width: width)
            }
            device.route(
                try part(logits, experts), rows: rows.count,
                shape: RoutingShape(
                    experts: experts, expertsPerToken: 3, scoring: .softmax, normalizes: true, scale: 1), bias: nil)
            let out = try part(before, hidden)
            device.multiplyExperts(try part(x, hidden), rows: rows.count, gateUp: gateUp, down: down, into: out)
            return device.read(out, rows: rows.count)
        }
        let together = try run(device, 0..<70)
        for row in [0, 1, 33, 69] {
            #expect(try run(device, row..<row + 1) == Array(together[row * hidden..<(row + 1) * hidden]), "row \(row)")
        }
        #expect(relativeError(together, try run(home, 0..<70)) < 1e-5)
    }
}
