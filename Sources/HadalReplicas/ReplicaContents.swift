import Foundation
import HadalObjects
import HadalStore

/// What files lie in a place, by names and sizes alone: no byte of them is read.
struct ReplicaContents: Sendable {
    private let shelves: [any Shelf]
    /// Objects by what they belong to.
    private let units: [String: [StoredObject]]

    init(of replica: Replica) async throws(ObjectError) {
        shelves = replica.shelves
        var units: [String: [StoredObject]] = [:]
        for (prefix, shelf) in Dictionary(shelves.map { ($0.prefix, $0) }, uniquingKeysWith: { first, _ in first }) {
            for object in try await replica.storage.list(prefix) {
                guard let unit = shelf.unit(of: object.name) else { continue }
                units[unit, default: []].append(object)
            }
        }
        self.units = units
    }

    /// - Parameter isFirst: in the form only that copies are written in there.
    func has(_ file: Manifest.File, inFirst isFirst: Bool = false) -> Bool {
        shelves.prefix(isFirst ? 1 : shelves.count).contains { shelf in
            units[shelf.unit(of: file)].map { shelf.isWhole(file, $0) } ?? false
        }
    }

    /// Whether something of it lies there in another form than copies are written in.
    func isElsewhere(_ file: Manifest.File) -> Bool {
        shelves.dropFirst().contains { units[$0.unit(of: file)] != nil }
    }

    /// In all forms.
    func objects(of file: Manifest.File) -> [StoredObject] { shelves.flatMap { units[$0.unit(of: file)] ?? [] } }

    /// What belongs to none of these files, by name.
    func others(than files: some Sequence<Manifest.File>) -> [(unit: String, objects: [StoredObject])] {
        let named = Set(files.flatMap { file in shelves.map { $0.unit(of: file) } })
        return units.filter { !named.contains($0.key) }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
