import Foundation
import HadalJSON
import HadalObjects
import HadalStore

/// Which models there are.
extension Replica {
    private static let bytesMax = 16 << 20
    private static let open = "manifests/"
    private static let sealed = "sealed/manifests/"

    /// An object that is to be a manifest.
    struct ManifestObject {
        let name: ObjectName
        /// Where the name tells it.
        let id: String?
        /// What is wrong with it, where it is none.
        let content: Result<Manifest, ReplicaError>
    }

    /// Where a model's manifest may lie; the first is written to.
    func names(ofManifest id: String) throws(ObjectError) -> [ObjectName] {
        var names: [ObjectName] = []
        for seal in seals { names.append(try ObjectName(Self.sealed + seal.name(of: "manifest \(id)"))) }
        return names + [try ObjectName("\(Self.open)\(id).json")]
    }

    /// All that is there: without a byte of it.
    func manifestNames() async throws(ObjectError) -> Set<ObjectName> {
        let names = try await storage.list(Self.open) + storage.list(Self.sealed)
        return Set(names.map(\.name).filter { Self.id(of: $0) != nil || Self.isSealed($0) })
    }

    private static func id(of name: ObjectName) -> String? {
        name.text.wholeMatch(of: /manifests\/([0-9a-f]{16})\.json/).map { String($0.1) }
    }

    private static func isSealed(_ name: ObjectName) -> Bool {
        name.text.wholeMatch(of: /sealed\/manifests\/[0-9a-f]{64}/) != nil
    }

    /// - Throws: where it is not the manifest's fault.
    func manifestObjects() async throws(ObjectError) -> [ManifestObject] {
        var objects: [ManifestObject] = []
        for name in try await manifestNames().sorted() {
            objects.append(
                ManifestObject(name: name, id: Self.id(of: name), content: try await content(of: name)))
        }
        return objects
    }

    private func content(of name: ObjectName) async throws(ObjectError) -> Result<Manifest, ReplicaError> {
        do {
            let manifest = try Manifest(try JSON(parsing: try await bytes(of: name)), file: name.text)
            guard try names(ofManifest: manifest.id).contains(name) else {
                throw StoreError.badFile(path: name.text, field: "files", problem: "they are not those of its name")
            }
            return .success(manifest)
        } catch let error as ObjectError where !Self.isOfOneObject(error) { throw error } catch {
            return .failure(.badManifest(place: place, name: name.text, problem: "\(error)"))
        }
    }

    private func bytes(of name: ObjectName) async throws(ObjectError) -> Data {
        let bytes = try await storage.get(name, limit: Self.bytesMax + Packing.overhead + Seal.overhead)
        guard Self.isSealed(name) else { return bytes }
        guard let seal = seals.first else {
            throw .damaged(
                place: place, name: name.text, problem: "is sealed, and no key of the place is there (keys/)")
        }
        guard let plain = Packing.unpack(try seal.open(bytes, as: name, at: place), limit: Self.bytesMax) else {
            throw .damaged(place: place, name: name.text, problem: "does not unpack")
        }
        return plain
    }

    /// Of one model.
    /// - Throws: `ReplicaError.badManifest`, also where there is none; `ObjectError` where it is not the manifest's fault.
    public func manifest(id: String) async throws -> Manifest {
        var problem: ReplicaError?
        let names = try names(ofManifest: id)
        for name in names {
            switch try await content(of: name) {
            case .success(let manifest): return manifest
            case .failure(let error): problem = problem ?? error
            }
        }
        throw problem ?? ReplicaError.badManifest(place: place, name: names[0].text, problem: "is not there")
    }

    /// All models, by their names, and what cannot be read.
    public func manifests() async throws(ObjectError) -> (
        manifests: [Manifest], unreadable: [(name: String, problem: String)]
    ) {
        var manifests: [String: Manifest] = [:]
        var unreadable: [(name: String, problem: String)] = []
        for object in try await manifestObjects() {
            switch object.content {
            case .success(let manifest): manifests[manifest.id] = manifest
            case .failure(let error): unreadable.append((object.name.text, "\(error)"))
            }
        }
        return (manifests.values.sorted { ($0.name, $1.pulledAt) < ($1.name, $0.pulledAt) }, unreadable)
    }

    /// All models, where something is to be removed.
    /// - Throws: `ReplicaError.unknownContents` where one cannot be read: what it names is not known.
    func knownManifests() async throws -> [Manifest] {
        let (manifests, unreadable) = try await manifests()
        guard unreadable.isEmpty else {
            throw ReplicaError.unknownContents(place: place, names: unreadable.map(\.name))
        }
        return manifests
    }

    /// Makes a model of files that are all there. What there was of it in another form goes.
    func put(_ manifest: Manifest) async throws(ObjectError) {
        let names = try names(ofManifest: manifest.id)
        var bytes = Data(manifest.json.bytes + [0x0A])
        if let seal = seals.first { bytes = try seal.seal(Packing.pack(bytes), as: names[0], at: place) }
        try await storage.put(names[0], bytes)
        for name in names.dropFirst() { try await storage.delete(name) }
    }
}
