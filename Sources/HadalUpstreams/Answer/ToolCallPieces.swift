import HadalJSON
import HadalWire

/// Puts the pieces of tool calls in a worker's order: numbered from 0, one after the other, the name in the first piece
/// only.
struct ToolCallPieces: Sendable {
    private var current: (theirs: Int, id: String?)?
    private var count = 0
    /// Their numbers that are over.
    private var closed: Set<Int> = []

    var isEmpty: Bool { count == 0 }

    /// - Parameter piece: an element of `delta.tool_calls`.
    /// - Returns: deltas without tokens.
    mutating func read(_ piece: JSON) throws(UpstreamEventReader.NotUnderstood) -> [GenerationDelta] {
        let id = piece["id"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        let name = piece["function"]?["name"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        let index = piece["index"]?.int ?? current?.theirs ?? 0
        let arguments = Self.arguments(piece["function"]?["arguments"])
        var deltas: [GenerationDelta] = []
        if begins(index, id, name) {
            guard let name else { throw .init("a call without a name") }
            // Some number all calls alike and tell them apart by their ids.
            if let current, current.theirs != index { closed.insert(current.theirs) }
            guard !closed.contains(index) else { throw .init("pieces of calls that are mixed up") }
            current = (index, id)
            count += 1
            deltas.append(GenerationDelta(part: .call(index: count - 1, name: name), text: "", tokens: []))
        }
        if !arguments.isEmpty {
            deltas.append(GenerationDelta(part: .call(index: count - 1, name: nil), text: arguments, tokens: []))
        }
        return deltas
    }

    private func begins(_ index: Int, _ id: String?, _ name: String?) -> Bool {
        guard let current else { return true }
        if index != current.theirs { return true }
        guard name != nil, let id, let own = current.id else { return false }
        return id != own
    }

    /// Text; some servers write the object itself.
    private static func arguments(_ json: JSON?) -> String {
        switch json {
        case .string(let text): text
        case .object: json?.text ?? ""
        default: ""
        }
    }
}
