import Foundation
import HadalCheckpoint
import HadalEngine
import HadalJSON
import HadalTerminal

/// What `hadal inspect` shows of a checkpoint.
struct CheckpointReport {
    let name: String
    let architecture: String?
    let tensors: [Tensor]
    let metadata: [(key: String, value: JSON)]
    let files: [FileSummary]
    /// What pins the model's answers, where checksums are wanted.
    let digest: String?

    struct FileSummary {
        let path: String
        let bytes: Int
        let sha256: String?
    }

    init(of checkpoint: Checkpoint, named name: String, checksums: Bool) throws {
        self.name = name
        tensors = checkpoint.tensorOrder.compactMap { checkpoint.tensors[$0] }
        if let gguf = checkpoint.gguf {
            architecture = gguf.string("general.architecture")
            metadata = gguf.keys.map { ($0, CheckpointReport.json(gguf[$0]!)) }
        } else {
            architecture = checkpoint.config?["model_type"]?.string
            metadata = (checkpoint.config?.object ?? .init()).members
        }
        let sums = try checksums ? Self.sums(of: checkpoint) : nil
        digest = sums?.digest
        files = checkpoint.files.map { file in
            FileSummary(path: file.path, bytes: file.bytes.count, sha256: sums?.files[file.path])
        }
    }

    private static func sums(of checkpoint: Checkpoint) throws -> ModelDigest.Sums {
        let digest = try ModelDigest(of: checkpoint)
        return try withProgress("reading \(checkpoint.path)") { report in try digest.compute(progress: report) }
    }

    private var parameters: Int { tensors.reduce(0) { $0 + $1.shape.reduce(1, *) } }

    private var formats: [(name: String, tensors: Int, bytes: Int)] {
        Dictionary(grouping: tensors, by: \.formatText)
            .map { ($0.key, $0.value.count, $0.value.reduce(0) { $0 + $1.data.count }) }
            .sorted { ($0.bytes, $0.name) > ($1.bytes, $1.name) }
    }

    func json(tensors listed: Bool) -> JSON {
        var object = JSON.Object([
            ("model", .string(name)),
            ("architecture", architecture.map(JSON.string) ?? .null),
            ("parameters", .int(Int64(parameters))),
            ("digest", digest.map(JSON.string) ?? .null),
            (
                "formats",
                .array(
                    formats.map {
                        .object(
                            .init([
                                ("format", .string($0.name)), ("tensors", .int(Int64($0.tensors))),
                                ("bytes", .int(Int64($0.bytes))),
                            ]))
                    })
            ),
            (
                "files",
                .array(
                    files.map {
                        .object(
                            .init([
                                ("path", .string($0.path)), ("bytes", .int(Int64($0.bytes))),
                                ("sha256", $0.sha256.map(JSON.string) ?? .null),
                            ]))
                    })
            ),
            ("metadata", .object(.init(metadata.map { ($0.key, $0.value) }))),
        ])
        if listed {
            object["tensors"] = .array(
                tensors.map {
                    .object(
                        .init([
                            ("name", .string($0.name)), ("format", .string($0.formatText)),
                            ("shape", .array($0.shape.map { .int(Int64($0)) })), ("bytes", .int(Int64($0.data.count))),
                        ]))
                })
        }
        return .object(object)
    }

    func text(tensors listed: Bool) -> String {
        var lines = [
            "model         \(name)",
            "architecture  \(architecture.map(ControlFilter.cleanLine) ?? "none (no model in this file)")",
            "parameters    \(parameters.formatted(.number.locale(Locale(identifier: "en_US"))))",
        ]
        lines += files.map {
            "file          \($0.path), \(byteText($0.bytes))\($0.sha256.map { ", sha256 \($0)" } ?? "")"
        }
        if let digest { lines.append("digest        \(digest)") }
        if !formats.isEmpty {
            lines += [
                "",
                Table(
                    header: ["format", "tensors", "size"],
                    rows: formats.map { [$0.name, "\($0.tensors)", byteText($0.bytes)] }, numbers: [1, 2]
                ).text,
            ]
        }
        if !metadata.isEmpty {
            lines += [
                "",
                Table(header: ["key", "value"], rows: metadata.map { [$0.key, String($0.value.text.prefix(100))] })
                    .text,
            ]
        }
        if listed, !tensors.isEmpty {
            let rows = tensors.map { [$0.name, $0.formatText, "\($0.shape)", byteText($0.data.count)] }
            lines += ["", Table(header: ["tensor", "format", "shape", "size"], rows: rows, numbers: [3]).text]
        }
        return lines.joined(separator: "\n")
    }

    /// Vocabularies have 100 000 entries; a listing shows how many.
    private static func json(_ value: GGUFValue) -> JSON {
        if let array = value.array { return .string(array.description) }
        if let text = value.string { return .string(text) }
        if let flag = value.bool { return .bool(flag) }
        if let number = value.int { return .int(Int64(number)) }
        return value.double.map(JSON.double) ?? .null
    }
}

extension Tensor {
    /// `Q4_0`, or `Q4_0 in panels`.
    fileprivate var formatText: String { format.name + (layout == .panels ? " in panels" : "") }
}

/// `1.65 GB`: decimal units, as disks and memory buses are sold.
func byteText(_ bytes: Int) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"]
    var value = Double(bytes)
    var unit = 0
    while value >= 1000, unit < units.count - 1 {
        value /= 1000
        unit += 1
    }
    return unit == 0 ? "\(bytes) B" : String(format: "%.2f %@", value, units[unit])
}
