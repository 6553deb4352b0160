/// Asks for all that a card tells. What the card or the library does not know stays nil; after the word that the card is
/// lost nothing more is asked, as each question could take seconds.
final class CardReader {
    private let library: NVMLLibrary
    private let device: NVMLLibrary.Device
    private(set) var failure: NVMLStatus?

    /// `nvmlClockType_t`: of the multiprocessors, and of the memory.
    private static let (clock, memoryClock): (UInt32, UInt32) = (1, 2)
    /// `nvmlPcieUtilCounter_t`, seen from the card.
    private static let (sent, received): (UInt32, UInt32) = (0, 1)
    /// `nvmlMemoryErrorType_t`, and of `nvmlEccCounterType_t` the errors since the driver was loaded.
    private static let (corrected, uncorrected, volatile): (UInt32, UInt32, UInt32) = (0, 1, 0)
    /// `nvmlTemperatureSensors_t`: the one in the chip.
    private static let chip: UInt32 = 0
    /// More than any card has slices.
    private static let slicesMax: UInt32 = 64

    init(_ library: NVMLLibrary, _ device: NVMLLibrary.Device) { (self.library, self.device) = (library, device) }

    private func ask<Value>(_ question: @autoclosure () throws(NVMLStatus) -> Value) -> Value? {
        guard failure == nil else { return nil }
        do throws(NVMLStatus) {
            return try question()
        } catch {
            if error.endsCard { failure = error }
            return nil
        }
    }

    func text(_ name: String) -> String? { ask(try library.text(name, of: device)) }

    private func number(_ name: String) -> Double? {
        ask(Double(try library.number(name, of: device)))
    }

    private func number(_ name: String, _ kind: UInt32) -> Double? {
        ask(Double(try library.number(name, of: device, kind)))
    }

    /// `nvmlPciInfo_t`: 68 bytes, of which the last 32 are the place as text.
    func bus() -> String? {
        let bytes = ask(try library.structure("nvmlDeviceGetPciInfo_v3", of: device, [UInt8](repeating: 0, count: 68)))
        return bytes.map { String(decoding: $0[36...].prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// As `nvidia-smi` counts, without what the driver keeps for itself, where the library can (from version 510 on).
    func memory() -> GPUMemory? {
        // nvmlMemory_v2_t: the version (with the structure's size), total, reserved, free, used.
        if let all = ask(
            try library.structure("nvmlDeviceGetMemoryInfo_v2", of: device, [40 | 2 << 24, 0, 0, 0, 0] as [UInt64]))
        {
            return GPUMemory(used: all[4], free: all[3], total: all[1])
        }
        // nvmlMemory_t: total, free, used.
        return ask(try library.structure("nvmlDeviceGetMemoryInfo", of: device, [0, 0, 0] as [UInt64])).map {
            GPUMemory(used: $0[2], free: $0[1], total: $0[0])
        }
    }

    func figures() -> GPUFigures {
        var figures = GPUFigures()
        // nvmlUtilization_t: of the multiprocessors and of the memory, in percent.
        let shares = ask(try library.structure("nvmlDeviceGetUtilizationRates", of: device, [0, 0] as [UInt32]))
        figures.use = shares.map { Double($0[0]) / 100 }
        figures.memoryUse = shares.map { Double($0[1]) / 100 }
        figures.memory = memory()
        figures.temperature = number("nvmlDeviceGetTemperature", Self.chip)
        // Both in mW.
        figures.power = number("nvmlDeviceGetPowerUsage").map { $0 / 1000 }
        figures.powerLimit = number("nvmlDeviceGetEnforcedPowerLimit").map { $0 / 1000 }
        // In MHz.
        figures.clock = number("nvmlDeviceGetClockInfo", Self.clock).map { $0 * 1e6 }
        figures.memoryClock = number("nvmlDeviceGetClockInfo", Self.memoryClock).map { $0 * 1e6 }
        figures.slowdowns = slowdowns()
        // In KB/s, which NVIDIA does not define. Each measures for 20 ms.
        figures.receivedRate = number("nvmlDeviceGetPcieThroughput", Self.received).map { $0 * 1000 }
        figures.sentRate = number("nvmlDeviceGetPcieThroughput", Self.sent).map { $0 * 1000 }
        figures.correctedErrors = errors(Self.corrected)
        figures.uncorrectedErrors = errors(Self.uncorrected)
        return figures
    }

    /// The function has had its later name since version 535.
    private func slowdowns() -> Set<Slowdown>? {
        for name in ["nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons"] {
            if let bits = ask(try library.bits(name, of: device)) { return Slowdown.all(in: bits) }
        }
        return nil
    }

    private func errors(_ kind: UInt32) -> UInt64? {
        ask(try library.count("nvmlDeviceGetTotalEccErrors", of: device, kind, Self.volatile))
    }

    /// Whether the card is divided, and will be after a reset.
    func slicing() -> (now: Bool, later: Bool)? {
        let modes = ask(try library.numbers("nvmlDeviceGetMigMode", of: device))
        return modes.map { ($0[0] == 1, $0[1] == 1) }
    }

    func slices() -> [GPUSlice] {
        let count = ask(try library.number("nvmlDeviceGetMaxMigDeviceCount", of: device))
        var slices: [GPUSlice] = []
        for index in 0..<min(count ?? 0, Self.slicesMax) {
            // Most places are empty.
            guard let handle = ask(try library.slice(index, of: device)) else { continue }
            let reader = CardReader(library, handle)
            guard let uuid = reader.text("nvmlDeviceGetUUID") else { continue }
            slices.append(
                GPUSlice(
                    index: Int(index), uuid: uuid, name: reader.text("nvmlDeviceGetName") ?? "",
                    memory: reader.memory()))
        }
        return slices
    }
}
