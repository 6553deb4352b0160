import Foundation

/// Which card is to be used.
public enum CUDACardChoice: Sendable, Hashable {
    case first
    case index(Int)
    /// `GPU-…`, or `MIG-…` of a slice; a beginning that only one has will do.
    case uuid(String)

    /// - Parameter text: a number, or a UUID as `nvidia-smi -L` writes it.
    public init(_ text: String) throws(CUDAError) {
        if text.isEmpty {
            self = .first
        } else if let index = Int(text), index >= 0 {
            self = .index(index)
        } else if text.hasPrefix("GPU-") || text.hasPrefix("MIG-") {
            self = .uuid(text)
        } else {
            throw .invalidChoice(text)
        }
    }

    /// What `HADAL_CUDA_DEVICE` says.
    public init(environment: [String: String] = ProcessInfo.processInfo.environment) throws(CUDAError) {
        self = try CUDACardChoice(environment["HADAL_CUDA_DEVICE"] ?? "")
    }

    /// CUDA shows a process one slice only, the one that `CUDA_VISIBLE_DEVICES` names when the driver is started: so a slice is
    /// named there, unless somebody has said otherwise already. Before the driver is opened.
    func makeVisible() {
        guard case .uuid(let uuid) = self, uuid.hasPrefix("MIG-") else { return }
        setenv("CUDA_VISIBLE_DEVICES", uuid, 0)
    }

    func card(_ driver: CUDADriver) throws(CUDAError) -> CUDACard {
        let cards = try CUDACard.all(driver)
        guard let first = cards.first else { throw .noCard }
        let card: CUDACard?
        switch self {
        case .first: card = first
        case .index(let index): card = cards.first { $0.index == index }
        case .uuid(let uuid):
            let named = cards.filter { $0.uuid.hasPrefix(uuid) || CUDACardChoice.isSlice($0, uuid, cards) }
            card = named.count == 1 ? named[0] : nil
        }
        guard let card else { throw .unknownCard(text, cards: cards.map { "\($0.index) (\($0.uuid))" }) }
        guard card.capability >= .least else { throw .unsuitedCard(card.name, card.capability) }
        return card
    }

    /// Drivers have told a slice's UUID, and that of its card: where a slice is asked for and one device is visible, it is that.
    private static func isSlice(_ card: CUDACard, _ uuid: String, _ cards: [CUDACard]) -> Bool {
        uuid.hasPrefix("MIG-") && cards.count == 1
            && ProcessInfo.processInfo.environment["CUDA_VISIBLE_DEVICES"] == uuid
    }

    private var text: String {
        switch self {
        case .first: "0"
        case .index(let index): "\(index)"
        case .uuid(let uuid): uuid
        }
    }
}
