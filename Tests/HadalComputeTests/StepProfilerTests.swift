import HadalCheckpoint
import HadalCompute
import Testing

/// What a device's profiler counts, and that nothing else changes by it.
@Suite struct StepProfilerTests {
    private static let (inputs, outputs, rows) = (64, 48, 3)

    private static func weight(_ device: CPUDevice, _ format: TensorFormat) throws -> any LinearWeight {
        var random = RandomNumbers(1)
        return try device.linear([
            Tensor(
                name: "w", format: format, shape: [outputs, inputs],
                bytes: Quantizer.quantize(random.floats(outputs * inputs), as: format))
        ])
    }

    @Test(arguments: [TensorFormat.f32, .q8_0]) func productsAreCountedAsWorkCountsThem(format: TensorFormat) throws {
        let device = try CPUDevice(threads: 2)
        var random = RandomNumbers(2)
        let weight = try Self.weight(device, format)
        let x = device.buffer(random.floats(Self.inputs * Self.rows), width: Self.inputs)
        let out = device.allocate(rows: Self.rows, width: Self.outputs)
        func multiply() {
            device.multiply(
                x, rows: Self.rows, by: weight, bias: nil, accumulates: false, into: out, as: .gateUp)
        }
        multiply()
        let expected = device.read(out, rows: Self.rows)
        let before = device.work
        device.profiler.start()
        for _ in 0..<5 { multiply() }
        let profile = device.profiler.stop()
        let work = device.work - before
        let count = profile.total(.gateUp)
        #expect(count.calls == 5 && count.bytes == work.weightBytes)
        #expect(count.integerOperations + count.floatOperations == work.operations)
        #expect(work.operations == 5 * 2 * Self.rows * Self.inputs * Self.outputs)
        #expect((count.floatOperations > 0) == (format == .f32))
        #expect(profile.total(.quantization).calls == (format == .f32 ? 0 : 5))
        #expect(device.read(out, rows: Self.rows) == expected, "the same bits as before")
    }

    @Test func nothingIsCountedBeforeAndAfter() throws {
        let device = try CPUDevice(threads: 1)
        let buffer = device.buffer([1, 2, 3, 4], width: 2)
        device.add(buffer, rows: 2, into: buffer)
        #expect(!device.profiler.isOn)
        device.profiler.start()
        #expect(device.profiler.isOn)
        device.add(buffer, rows: 2, into: buffer)
        let first = device.profiler.stop()
        device.add(buffer, rows: 2, into: buffer)
        device.profiler.start()
        let second = device.profiler.stop()
        #expect(first.total(.copying).calls == 1 && second.total(.copying).calls == 0)
    }

    @Test func phasesShareOutTheWholeTime() throws {
        let device = try CPUDevice(threads: 1)
        let profiler = device.profiler
        let buffer = device.allocate(rows: 64, width: 64)
        let clock = ContinuousClock()
        let start = clock.now
        profiler.start()
        for (phase, calls) in [(StepPhase.prefill, 3), (.decode, 7)] {
            profiler.enter(phase)
            profiler.countStep(promptRows: calls, answerRows: 1)
            for _ in 0..<calls { device.add(buffer, rows: 64, into: buffer) }
        }
        let profile = profiler.stop()
        let wall = (clock.now - start) / .nanoseconds(1)
        #expect(Double(profile.nanoseconds) <= wall)
        #expect(profile.phases.map(\.phase) == [.prefill, .decode, .engine] || profile.phases.count == 2)
        for phase in profile.phases where phase.steps > 0 {
            let calls = phase.phase == .prefill ? 3 : 7
            #expect(phase.steps == 1 && phase.promptRows == calls && phase.answerRows == 1)
            #expect(phase.operations.keys.map { $0 } == [.copying] && phase.operations[.copying]?.calls == calls)
            #expect(phase.otherNanoseconds >= 0)
        }
    }

    @Test func scratchIsWhatWasAllocated() throws {
        let device = try CPUDevice(threads: 1)
        let before = device.scratchBytes
        let buffer = device.allocate(rows: 16, width: 32)
        #expect(device.scratchBytes == before + 16 * 32 * 4)
        device.free(buffer)
        #expect(device.scratchBytes == before)
    }
}
