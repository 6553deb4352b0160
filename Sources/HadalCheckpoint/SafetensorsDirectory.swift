import Foundation
import HadalJSON

/// The safetensors files of a model's directory: `model.safetensors`, or the shards that
/// `model.safetensors.index.json` names, or else every `*.safetensors` in it.
enum SafetensorsDirectory {
    static let indexName = "model.safetensors.index.json"
    /// DeepSeek-V3's index has 9 MB and names 163 files.
    static let indexBytesMax = 256 << 20
    static let shardCountMax = 65_536

    static func open(
        _ directory: String, _ opener: FileOpener
    ) throws(CheckpointError) -> (tensors: [Tensor], files: [MappedFile]) {
        let index = directory + "/" + indexName
        let names: [String]
        var map: [(key: String, value: String)] = []
        if FileManager.default.fileExists(atPath: index) {
            map = try weightMap(index, opener)
            names = Set(map.map(\.value)).sorted()
        } else if FileManager.default.fileExists(atPath: directory + "/model.safetensors") {
            names = ["model.safetensors"]
        } else {
            let all = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
            names = all.filter { $0.hasSuffix(".safetensors") }.sorted()
        }
        guard !names.isEmpty else { throw .missing(place: directory, item: "safetensors file") }
        guard names.count <= shardCountMax else {
            throw .limit(
                file: index, item: "number of files", offset: 0, value: UInt64(names.count),
                limit: UInt64(shardCountMax))
        }
        return try load(names, in: directory, map: map, opener)
    }

    private static func load(
        _ names: [String], in directory: String, map: [(key: String, value: String)], _ opener: FileOpener
    ) throws(CheckpointError) -> ([Tensor], [MappedFile]) {
        var files: [MappedFile] = []
        var tensors: [Tensor] = []
        var homes: [String: String] = [:]
        for name in names {
            let file = try opener.open(directory + "/" + name)
            let header = try SafetensorsHeader(file)
            for tensor in header.tensors {
                if let other = homes.updateValue(name, forKey: tensor.name) {
                    throw .invalid(
                        file: file.path, item: "tensor \(CheckpointError.shown(tensor.name))", offset: 0,
                        problem: "is in \(other) too")
                }
            }
            tensors += header.tensors
            files.append(file)
        }
        for (tensor, name) in map where homes[tensor] != name {
            throw .missing(
                place: directory + "/" + name,
                item: "tensor \(CheckpointError.shown(tensor)), which \(indexName) says is there")
        }
        return (try BlockScales.attach(tensors), files)
    }

    private static func weightMap(
        _ path: String, _ opener: FileOpener
    ) throws(CheckpointError) -> [(key: String, value: String)] {
        let json = try JSONFile.read(path, opener, limit: indexBytesMax)
        guard let members = json["weight_map"]?.object?.members, !members.isEmpty else {
            throw .invalid(file: path, item: "weight_map", offset: 0, problem: "missing, empty or no object")
        }
        var map: [(key: String, value: String)] = []
        for (key, value) in members {
            // A name that leads out of the directory is an attack, not a shard.
            guard let name = value.string, name.hasSuffix(".safetensors"), !name.contains("/"), !name.utf8.contains(0)
            else {
                throw .invalid(
                    file: path, item: "weight_map \(CheckpointError.shown(key))", offset: 0,
                    problem: "no plain name of a safetensors file")
            }
            map.append((key, name))
        }
        return map
    }
}
