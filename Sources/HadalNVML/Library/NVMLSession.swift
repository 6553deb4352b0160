/// NVML from its start on, for one thread at a time. It stays started: that takes up to seconds where no other program
/// keeps the driver awake.
final class NVMLSession {
    /// More than a machine has.
    private static let cardsMax: UInt32 = 256

    private let library: NVMLLibrary
    /// Cards that were there once, by their UUIDs, without figures.
    private var known: [String: GPUCard] = [:]
    /// A card that comes back is seen only by who starts anew.
    private var isOutdated = false

    init(opening path: String) throws(NVMLError) {
        library = try NVMLLibrary(opening: path)
        try start()
    }

    private func start() throws(NVMLError) {
        do throws(NVMLStatus) { try library.call("nvmlInit_v2") } catch {
            throw NVMLError(error, in: "nvmlInit_v2", library)
        }
    }

    func report() -> GPUReport {
        var report = GPUReport()
        do throws(NVMLError) {
            if isOutdated {
                try? library.call("nvmlShutdown")
                try start()
            }
            report.driver = try? library.text("nvmlSystemGetDriverVersion")
            // 12040 is 12.4.
            report.cuda = (try? library.number("nvmlSystemGetCudaDriverVersion_v2"))
                .map { "\($0 / 1000).\($0 % 1000 / 10)" }
            report.cards = try cards()
        } catch {
            report.problem = error
            report.cards = gone(but: [], error)
        }
        isOutdated = report.problem != nil || report.cards.contains { $0.problem != nil }
        return report
    }

    private func cards() throws(NVMLError) -> [GPUCard] {
        let count: UInt32
        do throws(NVMLStatus) { count = try library.number("nvmlDeviceGetCount_v2") } catch {
            throw NVMLError(error, in: "nvmlDeviceGetCount_v2", library)
        }
        let cards = (0..<min(count, Self.cardsMax)).map(card)
        for card in cards where !card.uuid.isEmpty {
            known[card.uuid] = GPUCard(index: card.index, uuid: card.uuid, name: card.name)
            known[card.uuid]?.bus = card.bus
        }
        return cards + gone(but: Set(cards.map(\.uuid)), .lost)
    }

    /// Those that were there once and are not any more.
    private func gone(but listed: Set<String>, _ problem: NVMLError) -> [GPUCard] {
        known.values.filter { !listed.contains($0.uuid) }.sorted { $0.index < $1.index }.map { card in
            var card = card
            card.problem = problem
            return card
        }
    }

    private func card(_ index: UInt32) -> GPUCard {
        // What it was called when it could be asked.
        var card = known.values.first { $0.index == Int(index) } ?? GPUCard(index: Int(index), uuid: "", name: "")
        let device: NVMLLibrary.Device
        do throws(NVMLStatus) { device = try library.device(index) } catch {
            card.problem = NVMLError(error, in: "nvmlDeviceGetHandleByIndex_v2", library)
            return card
        }
        let reader = CardReader(library, device)
        card.uuid = reader.text("nvmlDeviceGetUUID") ?? card.uuid
        card.name = reader.text("nvmlDeviceGetName") ?? card.name
        card.bus = reader.bus() ?? card.bus
        card.figures = reader.figures()
        if let slicing = reader.slicing() { (card.isSliced, card.willBeSliced) = slicing }
        if card.isSliced == true { card.slices = reader.slices() }
        if let failure = reader.failure {
            card.problem = NVMLError(failure, in: "", library)
            card.figures = GPUFigures()
        }
        return card
    }
}
